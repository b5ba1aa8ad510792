"""What is installed on the nodes, and where it comes from."""

from __future__ import annotations

from pydantic import Field

from config.model import Model
from config.nodes import Os


class Versions(Model):
    """One version of each program; the URLs and digests that belong to them are in config/downloads.yaml."""

    # renovate: datasource=github-releases depName=kubernetes/kubernetes
    kubernetes: str = Field("1.36.4", description="kubeadm, kubelet, kubectl, kube-proxy and the control plane.")
    # renovate: datasource=github-releases depName=containerd/containerd
    containerd: str = Field("2.3.4", description="Container runtime, on both operating systems.")
    # renovate: datasource=github-releases depName=moby/moby
    docker: str = Field("29.8.0", description="Docker Engine, on Windows nodes with `runtime: docker`.")
    # renovate: datasource=github-releases depName=Mirantis/cri-dockerd
    cri_dockerd: str = Field("0.4.4", description="cri-dockerd, by which kubelet speaks to Docker Engine.")
    # renovate: datasource=github-releases depName=opencontainers/runc
    runc: str = Field("1.4.3", description="Low-level container runtime on Linux.")
    # renovate: datasource=github-releases depName=flannel-io/flannel
    flannel: str = Field("0.28.9", description="flanneld, as image on Linux and as program on Windows.")
    # renovate: datasource=github-releases depName=flannel-io/cni-plugin
    flannel_cni_plugin: str = Field("1.9.1-flannel3", description="flannel's CNI plug-in.")
    # renovate: datasource=github-releases depName=containernetworking/plugins
    cni_plugins: str = Field("1.9.1", description="Reference CNI plug-ins (bridge, host-local, win-overlay, ...).")
    # renovate: datasource=github-releases depName=kubernetes-sigs/cri-tools
    crictl: str = Field("1.36.0", description="Command line client of the container runtime.")
    # renovate: datasource=docker depName=registry.k8s.io/pause
    pause: str = Field("3.10.2", description="Image that holds a pod's namespaces; from 3.10.2 for Server 2025.")


class Upgrade(Model):
    """How nodes get other versions once they are members of the cluster."""

    max_unavailable: int = Field(1, description="Largest number of workers that are out of service at once.")
    drain_seconds: int = Field(
        300,
        description="Seconds that the pods of a node may take to leave it; else the upgrade stops.",
    )


class Images(Model):
    """Where images are pulled from, without the tag."""

    flannel: str = Field("ghcr.io/flannel-io/flannel", description="flannel for Linux nodes.")
    flannel_cni_plugin: str = Field(
        "ghcr.io/flannel-io/flannel-cni-plugin", description="Image that installs flannel's CNI plug-in on Linux nodes."
    )
    pause: str = Field("registry.k8s.io/pause", description="The pause image, for both operating systems.")
    kubernetes: str = Field(
        "registry.k8s.io", description="Repository of kubeadm's images (control plane, kube-proxy, CoreDNS, etcd)."
    )
    # renovate: datasource=docker depName=registry.k8s.io/e2e-test-images/agnhost
    verification: str = Field(
        "registry.k8s.io/e2e-test-images/agnhost:2.56",
        description="Image, with tag, of the pods that prove the network; must exist for both operating systems.",
    )


class Removal(Model):
    """How a node gives up its pods before it is taken out of the cluster."""

    drain_seconds: int = Field(300, description="Seconds that the pods of a node may take to leave it.")
    ignore_disruption_budgets: bool = Field(
        False,
        description="True deletes pods that a PodDisruptionBudget would keep on the node; to be applied while "
        "the node is still in the file.",
    )


class ImageArchive(Model):
    """An archive of container images that is imported on every node of one operating system."""

    os: Os = Field(description="Nodes that import it: `linux` or `windows`.")
    url: str = Field(description="URL of an OCI or docker archive (.tar); needs a pinned digest.")


class Registry(Model):
    """Mirrors of one image registry, asked before it by containerd on every node (``hosts.toml``)."""

    host: str = Field(description="The registry as names of images have it, HOST or HOST:PORT, as in registry.k8s.io.")
    mirrors: tuple[str, ...] = Field(
        description="URLs to ask instead, in this order, and the registry itself at last; "
        "`https://HOST`, or `https://HOST/v2/PROJECT` for one that keeps several registries apart."
    )
    insecure: bool = Field(
        False, description="Accept mirrors without TLS, or with a certificate that nobody vouches for (see caBundle)."
    )


class Proxy(Model):
    """HTTP proxy for containerd and for downloads on the nodes; Pulumi itself does not use it."""

    http: str | None = Field(None, description="Proxy for http, as http://HOST:PORT.")
    https: str | None = Field(None, description="Proxy for https, as http://HOST:PORT.")
    no_proxy: tuple[str, ...] = Field(
        (), description="More hosts and ranges to reach directly; all ranges of the cluster are added by themselves."
    )


class DaemonSetName(Model):
    """A DaemonSet by namespace and name."""

    namespace: str = Field("kube-system", description="Namespace of the DaemonSet.")
    name: str = Field(description="Name of the DaemonSet.")
