"""The ordered steps that make a Debian or Ubuntu machine a node."""

from __future__ import annotations

from config.downloads import Downloads
from config.settings import LinuxNode, Settings

from plan.containerd import linux_configuration, pause_image
from plan.downloads import download_parameters, proxy_parameters
from plan.kubeadm import init_documents, join_documents
from plan.step import Step

INVITATION_LIFE = "1h"
"""How long a bootstrap token lives if nothing withdraws it; it is withdrawn as soon as its node has joined."""


def preparation(settings: Settings, node: LinuxNode, downloads: Downloads) -> tuple[Step, ...]:
    """Return the steps that need no cluster, so that every machine can take them at once."""
    proxy = proxy_parameters(settings)
    archives = downloads.archives("linux")
    return (
        Step(
            "preflight-passed",
            "test-host.sh",
            {"address": str(node.address), "vni": settings.vni},
            undo="restore-host.sh",
            time_limit=600,
        ),
        Step("host-packages-present", "install-packages.sh", proxy, undo="remove-packages.sh", time_limit=1800),
        Step("kernel-set", "set-kernel.sh", undo="restore-kernel.sh", time_limit=120),
        Step("swap-off", "turn-swap-off.sh", undo="restore-swap.sh", time_limit=300),
        Step(
            "containerd-running",
            "install-containerd.sh",
            {
                "configuration": linux_configuration(settings),
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


def joining(settings: Settings, node: LinuxNode) -> tuple[Step, ...]:
    """Return the step that joins a worker; its token arrives at run time."""
    return (
        Step(
            "joined",
            "join-node.sh",
            {
                "node_name": node.name,
                "configuration": join_documents(settings, node),
                "time_to_live": INVITATION_LIFE,
                "vni": settings.vni,
            },
            secret_parameters=("token", "ca_cert_hash"),
            undo="reset-node.sh",
        ),
    )
