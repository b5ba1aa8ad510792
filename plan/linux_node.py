"""The ordered steps that make a Debian or Ubuntu machine a node."""

from __future__ import annotations

from config.downloads import Downloads
from config.settings import LinuxNode, Settings

from plan.certificates import trusting
from plan.containerd import linux_configuration, pause_image
from plan.downloads import download_parameters, proxy_parameters
from plan.kubeadm import init_documents, join_documents, request_documents
from plan.registries import hosts_files
from plan.step import Step


def preparation(settings: Settings, node: LinuxNode, downloads: Downloads) -> tuple[Step, ...]:
    """Return the steps that need no cluster, so that every machine can take them at once."""
    proxy = proxy_parameters(settings)
    archives = downloads.archives("linux")
    registries = hosts_files(settings, "linux")
    return (
        Step("host-packages-present", "install-packages.sh", proxy, undo="remove-packages.sh", time_limit=1800),
        *trusting(settings, "linux"),
        Step("kernel-set", "set-kernel.sh", undo="restore-kernel.sh", time_limit=120),
        *_checksums(settings),
        Step("swap-off", "turn-swap-off.sh", undo="restore-swap.sh", time_limit=300),
        Step(
            "containerd-running",
            "install-containerd.sh",
            {
                "configuration": linux_configuration(settings),
                "registry_folders": tuple(registries),
                "registry_files": tuple(registries.values()),
                **download_parameters(downloads, containerd="containerd-linux", runc="runc-linux"),
                **proxy,
            },
            undo="uninstall-containerd.sh",
            time_limit=1800,
        ),
        Step(
            "node-binaries-verified",
            "install-node-binaries.sh",
            {
                **download_parameters(
                    downloads,
                    kubelet="kubelet-linux",
                    kubeadm="kubeadm-linux",
                    kubectl="kubectl-linux",
                    crictl="crictl-linux",
                    cni_plugins="cni-plugins-linux",
                ),
                **proxy,
            },
            undo="uninstall-node-binaries.sh",
            time_limit=1800,
        ),
        Step(
            "images-present",
            "import-images.sh",
            {
                "archive_urls": tuple(archive.url for archive in archives),
                "archive_digests": tuple(archive.sha256 for archive in archives),
                "pause_image": pause_image(settings),
                **proxy,
            },
            time_limit=3600,
        ),
    )


def _checksums(settings: Settings) -> tuple[Step, ...]:
    """Return the step that keeps checksums away from an adapter that computes them wrongly."""
    off = Step(
        "checksum-offload-off",
        "turn-checksum-offload-off.sh",
        {"vni": settings.vni},
        undo="restore-checksum-offload.sh",
        time_limit=120,
    )
    return () if settings.checksum_offload else (off,)


def initialisation(settings: Settings) -> tuple[Step, ...]:
    """Return the step that makes the control plane."""
    return (
        Step(
            "control-plane-initialised",
            "init-control-plane.sh",
            {"configuration": init_documents(settings), "vni": settings.vni},
            undo="reset-node.sh",
            time_limit=1200,
        ),
    )


def requesting(settings: Settings, node: LinuxNode, joining_revision: str) -> tuple[Step, ...]:
    """Return the step that makes a worker's key and asks for a certificate.

    ``joining_revision`` changes with everything the join depends on, so that a join that runs again has a key again.
    """
    return (
        Step(
            "credential-requested",
            "request-credential.sh",
            {"configuration": request_documents(settings, node), "joining": joining_revision},
            time_limit=120,
        ),
    )


def joining(settings: Settings, node: LinuxNode) -> tuple[Step, ...]:
    """Return the step that joins a worker; its certificate and the cluster's authority arrive at run time."""
    return (
        Step(
            "joined",
            "join-node.sh",
            {
                "node_name": node.name,
                "configuration": join_documents(settings, node),
                "vni": settings.vni,
            },
            late_parameters=("certificate", "authority"),
            undo="reset-node.sh",
        ),
    )
