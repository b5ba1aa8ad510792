"""How a download reaches a script: its address and digest as two parameters, and the proxy to fetch it through."""

from __future__ import annotations

from collections.abc import Mapping

from config.downloads import Downloads
from config.settings import Settings

from plan.step import Parameter

LOCAL_NAMES = ("localhost", "127.0.0.1", "169.254.169.254", ".svc")


def download_parameters(downloads: Downloads, **artifacts: str) -> dict[str, Parameter]:
    """Return ``NAME_url`` and ``NAME_digest`` for each ``NAME=artifact``."""
    return _addressed(downloads, artifacts, "_url", "_digest")


def windows_download_parameters(downloads: Downloads, **artifacts: str) -> dict[str, Parameter]:
    """Return ``NAMEUrl`` and ``NAMEDigest`` for each ``NAME=artifact``, as PowerShell scripts name them."""
    return _addressed(downloads, artifacts, "Url", "Digest")


def _addressed(downloads: Downloads, artifacts: Mapping[str, str], url: str, digest: str) -> dict[str, Parameter]:
    parameters: dict[str, Parameter] = {}
    for name, artifact in artifacts.items():
        download = downloads.artifact(artifact)
        parameters |= {f"{name}{url}": download.url, f"{name}{digest}": download.sha256}
    return parameters


def no_proxy(settings: Settings) -> str:
    """Return everything that must not go through the proxy: the cluster's own ranges and names, and the site's."""
    ranges = (settings.pod_cidr, settings.service_cidr, *settings.node_cidrs)
    endpoint = settings.api_endpoint.rsplit(":", 1)[0]
    own = (*map(str, ranges), endpoint, f".{settings.cluster_domain}", *LOCAL_NAMES)
    given = settings.proxy.no_proxy if settings.proxy else ()
    return ",".join(dict.fromkeys((*own, *given)))


def proxy_parameters(settings: Settings) -> dict[str, Parameter]:
    """Return the proxy as ``proxy_http``, ``proxy_https`` and ``no_proxy``, empty where the site has none."""
    proxy = settings.proxy
    return {
        "proxy_http": (proxy.http if proxy else None) or "",
        "proxy_https": (proxy.https if proxy else None) or "",
        "no_proxy": no_proxy(settings) if proxy else "",
    }


def windows_proxy_parameters(settings: Settings) -> dict[str, Parameter]:
    """Return what ``proxy_parameters`` does, as PowerShell scripts name it."""
    given = proxy_parameters(settings)
    return {"HttpProxy": given["proxy_http"], "HttpsProxy": given["proxy_https"], "NoProxy": given["no_proxy"]}
