"""The way to the API server from where Pulumi runs, where the nodes' own way to it is none."""

from __future__ import annotations

from urllib.parse import urlsplit

import yaml


def reached_at(kubeconfig: str, private: str, public: str) -> str:
    """Return a kubeconfig whose servers at the private address are reached at the public one.

    The server's certificate is for the private address only, and that is what is still asked of it.
    """
    document = yaml.safe_load(kubeconfig)
    for entry in document.get("clusters", []):
        cluster = entry["cluster"]
        server = urlsplit(cluster["server"])
        if server.hostname == private:
            cluster["server"] = f"https://{public}:{server.port}"
            cluster["tls-server-name"] = private
    return str(yaml.safe_dump(document, sort_keys=False))
