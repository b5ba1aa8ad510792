"""The kubernetes provider's own configuration: which cluster, whether it answers, when it is another one."""

from __future__ import annotations

import json
import os

from lab.providers import kube_config
from lab.providers.diff import Change, Difference, changes
from lab.providers.kube_client import ApiError, KubeClient, NoMatchError, UnreachableError
from lab.providers.kube_object import Object, namespaced_by_name
from lab.providers.server import Call, Provider, ProviderError
from lab.providers.values import Properties, Unknown, plain

_CLUSTER_KEYS = ("kubeconfig", "context", "cluster")


class ClusterProvider(Provider):
    """The half of the provider that knows its cluster."""

    def __init__(self) -> None:
        self.config: dict[str, str] = {}
        self.client: KubeClient | None = None
        self.unreachable = "the provider was not configured"
        self.namespace = ""

    def option(self, name: str, default: bool = False) -> bool:
        """Return a switch: the provider's argument, then its environment variable, then the default."""
        variable = "PULUMI_K8S_" + "".join(f"_{each}" if each.isupper() else each for each in name).upper()
        return {"true": True, "false": False}.get(self.config.get(name, os.environ.get(variable, "")), default)

    async def diff_config(self, call: Call) -> Difference:
        """Replace the provider, and all it made, if its cluster may be another one."""
        old, new = plain(call.state), plain(call.inputs)
        found = dict(changes(old, new))
        identifiers = [each.get("clusterIdentifier") for each in (old, new)]
        if any(identifiers):
            other = all(identifiers) and identifiers[0] != identifiers[1]
            return Difference(found, {"clusterIdentifier"} if other else set())
        still_open = {key for key in _CLUSTER_KEYS if isinstance(new.get(key), Unknown)}
        if still_open:
            return Difference(dict.fromkeys(still_open, Change.UPDATE), still_open)
        try:
            active = [
                kube_config.active_cluster(
                    kube_config.contents(each.get("kubeconfig") or ""), each.get("context", ""), each.get("cluster", "")
                )
                if each.get("kubeconfig")
                else {}
                for each in (old, new)
            ]
        except kube_config.KubeconfigError as error:
            raise ProviderError(f"failed to parse kubeconfig: {error}") from None
        return Difference(found, set(found) if active[0] != active[1] else set())

    async def configure(self, config: Properties) -> None:
        """Look for the API server once; if it does not answer now, it stays unreachable for the whole run."""
        given = plain(config)
        self.config = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in given.items()
            if value is not None
        }
        try:
            text = kube_config.contents(self.config.get("kubeconfig") or os.environ.get("KUBECONFIG", "~/.kube/config"))
            found = kube_config.access(text, self.config.get("context", ""), self.config.get("cluster", ""))
        except kube_config.KubeconfigError as error:
            self.unreachable = f"failed to parse kubeconfig data in `kubernetes:config:kubeconfig`- {error}"
            return
        self.namespace = self.config.get("namespace") or found.namespace
        try:
            client = KubeClient(found)
            await client.request("GET", "/version")
            await client.request("GET", "/openapi/v3")
        except (UnreachableError, ApiError, OSError) as error:
            self.unreachable = f"unable to load schema information from the API server: {error}"
            return
        self.client = client

    def reached(self) -> KubeClient:
        """Return the client. Raises ProviderError if the cluster did not answer when it was configured."""
        if self.client is None:
            raise ProviderError(f"configured Kubernetes cluster is unreachable: {self.unreachable}")
        return self.client

    async def is_namespaced(self, item: Object) -> bool:
        """Return whether objects of this kind live in namespaces; asks the server about kinds of other projects."""
        if "." in item["apiVersion"].partition("/")[0].removesuffix(".k8s.io") and self.client is not None:
            try:
                return (await self.client.place(item["apiVersion"], item["kind"])).namespaced
            except (NoMatchError, ApiError, UnreachableError):
                return True
        return namespaced_by_name(item["kind"])
