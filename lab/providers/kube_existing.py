"""Reads and deletes objects for the kubernetes provider."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from lab.providers import kube_change
from lab.providers.kube_await import NotReadyError, seconds, until_gone, waiting_for
from lab.providers.kube_client import ApiError, NoMatchError, UnreachableError
from lab.providers.kube_cluster import ClusterProvider
from lab.providers.kube_object import (
    Object,
    annotate_secrets,
    annotation,
    checkpoint,
    is_patch,
    kind_of,
    normalized,
    parse_checkpoint,
    pruned,
)
from lab.providers.server import Call, InitFailedError, ProviderError
from lab.providers.values import Properties

_DELETE_HINT = 'rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"'
_SKIP_WAIT_ON_DELETE = frozenset({"DaemonSet", "Deployment", "Job", "Namespace", "Pod", "StatefulSet"})


class ExistingObjects(ClusterProvider):
    """The half of the provider that deals with objects that are there."""

    async def read(self, call: Call) -> tuple[str, Properties, Properties]:
        """Return the object as it is now; an object that is gone has an empty ID."""
        if self.client is None:
            return await self._read_unreachable(call)
        inputs, old_live, api_version, manager = parse_checkpoint(call.state)
        namespace, _, name = call.id.rpartition("/")
        first = not inputs and not old_live
        if first:
            version, kind = kind_of(call.type)
            inputs = {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}}
        try:
            live = await self.client.live({**inputs, "metadata": {"name": name, "namespace": namespace}})
        except NoMatchError:
            live = None
        if live is None:
            return "", {}, {}
        found = normalized({key: value for key, value in live.items() if key != "status"}) if first else None
        found = found or pruned(live, normalized(inputs))
        manager = manager or f"{kube_change.CREATOR}-{secrets.token_hex(4)}"
        outputs = checkpoint(found, live, call.inputs, api_version or live["apiVersion"], manager)
        marked = annotate_secrets(found, call.inputs)
        lacking = None if first else await self._lacking(inputs, live)
        if lacking:
            raise InitFailedError(call.id, outputs, [lacking], marked)
        return call.id, outputs, marked

    async def _lacking(self, inputs: Object, live: Object) -> str | None:
        try:
            return await waiting_for(self.reached(), inputs, live)
        except NotReadyError as error:
            return str(error)

    async def _read_unreachable(self, call: Call) -> tuple[str, Properties, Properties]:
        await call.context.log(f"configured Kubernetes cluster is unreachable: {self.unreachable}", "WARNING")
        if self.option("deleteUnreachable"):
            return "", {}, {}
        if self.option("skipUpdateUnreachable"):
            return call.id, call.state, call.inputs
        raise ProviderError(
            "failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this "
            f"resource from Pulumi state by {_DELETE_HINT}"
        )

    async def delete(self, call: Call) -> None:
        """Delete the object and wait until it is gone; of a patch, give up its fields."""
        if self.client is None:
            await call.context.log(f"configured Kubernetes cluster is unreachable: {self.unreachable}", "WARNING")
            if self.option("deleteUnreachable"):
                return
            raise ProviderError(
                "configured Kubernetes cluster is unreachable. If the cluster was deleted, you can remove this "
                f"resource from Pulumi state by {_DELETE_HINT}"
            )
        inputs, live, _, manager = parse_checkpoint(call.state)
        namespace, _, name = call.id.rpartition("/")
        item = {**live, "metadata": {**(live.get("metadata") or {}), "name": name, "namespace": namespace}}
        try:
            if is_patch(call.type):
                await kube_change.relinquish(self.client, item, manager)
                return
            await self._delete(call, inputs, item, manager)
        except NoMatchError:
            return
        except NotReadyError as error:
            raise InitFailedError(call.id, call.state, error.reasons, call.inputs) from None
        except (ApiError, UnreachableError) as error:
            required = [cause for cause in getattr(error, "causes", []) if cause.get("reason") == "FieldValueRequired"]
            if is_patch(call.type) and required:
                raise ProviderError(
                    "this Patch resource is currently managing a required field, so it can't be deleted directly. "
                    "Either set the `retainOnDelete` resource option, or transfer ownership of the field before "
                    f"deleting: {required[0].get('field')}"
                ) from None
            raise ProviderError(str(error)) from None

    async def _delete(self, call: Call, inputs: Object, item: Object, manager: str) -> None:
        client = self.reached()
        there = await client.live(item)
        if there is None:
            return
        try:
            await kube_change.delete(client, {**item, "metadata": {**item["metadata"], **_annotations(inputs)}})
        except ApiError as error:
            if error.code != 403:
                raise
            # An object that may not be deleted, as the namespace "default", is only given up.
            await kube_change.relinquish(client, item, manager)
            return
        if annotation(inputs, "skipAwait") == "true" and item.get("kind") in _SKIP_WAIT_ON_DELETE:
            return
        await until_gone(call.context, client, there, seconds(inputs, call.timeout))


def _annotations(inputs: Object) -> Mapping[str, object]:
    return {"annotations": (inputs.get("metadata") or {}).get("annotations") or {}}
