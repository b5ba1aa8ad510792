"""containerd's configuration on Linux (config version 3, containerd 2.x)."""

from __future__ import annotations

import tomli_w
from config.settings import Settings

from plan.documents import Document, deep_merge


def pause_image(settings: Settings) -> str:
    """Return the image that holds a pod's namespaces on every node."""
    return f"{settings.images.pause}:{settings.versions.pause}"


def linux_configuration(settings: Settings) -> str:
    """Return containerd's ``config.toml``: systemd cgroups, our pause image, the CNI folders of kubeadm's world."""
    runtime: Document = {
        "cni": {"bin_dirs": ["/opt/cni/bin"], "conf_dir": "/etc/cni/net.d"},
        "containerd": {
            "runtimes": {"runc": {"runtime_type": "io.containerd.runc.v2", "options": {"SystemdCgroup": True}}},
        },
    }
    images: Document = {
        "pinned_images": {"sandbox": pause_image(settings)},
        "registry": {"config_path": "/etc/containerd/certs.d"},
    }
    ours: Document = {
        "version": 3,
        "plugins": {"io.containerd.cri.v1.images": images, "io.containerd.cri.v1.runtime": runtime},
    }
    return tomli_w.dumps(deep_merge(ours, settings.containerd_configuration))
