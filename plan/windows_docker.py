r"""What Docker Engine and cri-dockerd read on a Windows node with ``runtime: docker``.

cri-dockerd is what speaks CRI for Docker, which itself speaks its own API only. Sources: the flags in cri-dockerd's
``cmd/cri/options`` and ``config/options.go``, the keys in moby's ``daemon/config``.
"""

from __future__ import annotations

import json

from config.settings import Settings, WindowsNode

from plan.containerd import pause_image
from plan.documents import Document, deep_merge
from plan.downloads import proxy_parameters
from plan.registries import docker_mirrors


def daemon_configuration(settings: Settings) -> str:
    """Return Docker's ``daemon.json``; dockerd does not start with a key that it does not know."""
    ours: Document = {
        "data-root": r"C:\ProgramData\docker",
        "hosts": ["npipe:////./pipe/docker_engine"],
        # Pods get their network from CNI; Docker's own network would be one more on the host, in the way of flannel's.
        "bridge": "none",
        # The one format that cri-dockerd reads; kubelet turns over containerd's logs, but not Docker's.
        "log-driver": "json-file",
        "log-opts": {"max-size": "50m", "max-file": "5"},
        **docker_mirrors(settings),
    }
    given = proxy_parameters(settings)
    proxies = {
        "http-proxy": given["proxy_http"],
        "https-proxy": given["proxy_https"],
        "no-proxy": given["no_proxy"],
    }
    if settings.proxy:
        ours["proxies"] = {key: value for key, value in proxies.items() if value}
    return json.dumps(deep_merge(ours, settings.windows_docker_configuration), indent=2) + "\n"


def cri_dockerd_arguments(settings: Settings, node: WindowsNode) -> str:
    """Return the arguments of ``cri-dockerd.exe``; its defaults are other folders, and an older pause image."""
    flags = {
        "container-runtime-endpoint": node.runtime_endpoint,
        "network-plugin": "cni",
        "cni-bin-dir": r"C:\opt\cni\bin",
        "cni-conf-dir": r"C:\etc\cni\net.d",
        "cni-cache-dir": r"C:\var\lib\cri-dockerd\cni-cache",
        "cri-dockerd-root-directory": r"C:\var\lib\cri-dockerd",
        "pod-infra-container-image": pause_image(settings),
        # Layers of Windows images are large and slow to unpack; the default gives up after one minute.
        "image-pull-progress-deadline": "30m",
    }
    return " ".join(f"--{name}={value}" for name, value in flags.items())


def endpoint_policies(settings: Settings, node: WindowsNode) -> Document:
    """Return win-overlay's part of the CNI network list for Docker: by the HNS API version 1.

    Docker gives its containers no HNS namespace, which version 2 puts an endpoint into; in version 1 the endpoint is
    attached to the container itself. Its policies bear other names (``pkg/hns/netconf_windows.go`` of the plug-ins).
    """
    policies = [
        {"Type": "OutBoundNAT", "ExceptionList": [str(settings.pod_cidr), str(settings.service_cidr)]},
        {"Type": "ROUTE", "DestinationPrefix": str(settings.service_cidr), "NeedEncap": True},
        {"Type": "PA", "PA": str(node.management_ip)},
    ]
    return {"Policies": [{"Name": "EndpointPolicy", "Value": policy} for policy in policies]}
