"""Stand-in for the kubernetes provider 4.34.2: objects of any kind, their ``*Patch`` resources, the provider itself.

Left out: Helm, kustomize and YAML resources (ConfigGroup), functions, client-side apply of updates, rendering YAML to
files, strict mode, warnings about deprecated APIs, ``replaceUnready``, and the validation of inputs in Check (which
the real plugin does, but whose findings it mostly ignores).
"""

from __future__ import annotations

import hashlib
import secrets
from typing import NoReturn

from lab.providers import kube_change
from lab.providers.diff import Difference
from lab.providers.kube_await import NotReadyError, until_ready
from lab.providers.kube_client import ApiError, NoMatchError, UnreachableError
from lab.providers.kube_diff import difference
from lab.providers.kube_existing import ExistingObjects
from lab.providers.kube_object import (
    Object,
    annotate_secrets,
    annotation,
    checkpoint,
    full_name,
    is_patch,
    kind_of,
    normalized,
    parse_checkpoint,
)
from lab.providers.server import Call, Failure, InitFailedError, ProviderError
from lab.providers.values import Properties, has_unknown, plain


class KubernetesProvider(ExistingObjects):
    """Objects of one cluster."""

    name, version = "kubernetes", "4.34.2"

    async def check(self, call: Call) -> tuple[Properties, list[Failure]]:
        """Fill in name and namespace, and make secret what a Secret holds."""
        item, old = plain(call.inputs), plain(call.old_inputs)
        api_version, kind = kind_of(call.type)
        item.setdefault("apiVersion", api_version)
        item.setdefault("kind", kind)
        metadata = item.setdefault("metadata", {})
        if not isinstance(metadata, dict):
            return annotate_secrets(item, call.inputs), []
        if not metadata.get("name") and is_patch(call.type):
            raise ProviderError("patch resources require the resource `.metadata.name` to be set")
        if not metadata.get("name") and not metadata.get("generateName"):
            if annotation(old, "autonamed") == "true":
                metadata["name"] = old["metadata"]["name"]
            else:
                seed = call.random_seed or secrets.token_bytes(8)
                metadata["name"] = f"{call.name}-{hashlib.sha256(seed).hexdigest()[:8]}"
            metadata["annotations"] = {**(metadata.get("annotations") or {}), "pulumi.com/autonamed": "true"}
        if self.namespace and not metadata.get("namespace") and await self.is_namespaced(item):
            metadata["namespace"] = self.namespace
        return annotate_secrets(item, call.inputs), []

    async def diff(self, call: Call) -> Difference:
        """Compare the inputs with the object as it was last seen."""
        inputs, live, _, _ = parse_checkpoint(call.state)
        mutable = {"ConfigMap": self.option("enableConfigMapMutable"), "Secret": self.option("enableSecretMutable")}
        return difference(call.type, inputs, live, plain(call.inputs), ignored=call.ignore_changes, mutable=mutable)

    async def _settled(self, call: Call, item: Object, live: Object, manager: str, what: str) -> Properties:
        """Return the state of an object once it is ready, or fail with it kept in the state."""
        try:
            live = await until_ready(call.context, self.reached(), item, live, call.timeout)
        except NotReadyError as error:
            outputs = checkpoint(item, error.live, call.inputs, item["apiVersion"], manager)
            reasons = [f"{what}: {error}", *error.reasons[1:]]
            raise InitFailedError(full_name(error.live), outputs, reasons, call.inputs) from None
        return checkpoint(item, live, call.inputs, item["apiVersion"], manager)

    async def create(self, call: Call) -> tuple[str, Properties]:
        """Create an object, or apply it where it is a patch or existing objects are to be taken over."""
        item, patch = plain(call.inputs), is_patch(call.type)
        if call.preview and (has_unknown(item) or patch or self.client is None):
            return "", call.inputs
        client, name = self.reached(), full_name(item)
        manager = annotation(item, "patchFieldManager") or f"{kube_change.CREATOR}-{secrets.token_hex(4)}"
        upsert = patch or self.option("upsertExistingObjects")
        try:
            if upsert and self.option("enableServerSideApply", True):
                force = call.preview or kube_change.forced(item, self.option("enablePatchForce"))
                live = await kube_change.apply(client, item, manager, force, call.preview)
            else:
                live = await kube_change.create(call.context, client, item, call.preview)
        except (ApiError, ProviderError, NoMatchError, UnreachableError) as error:
            if call.preview and (isinstance(error, NoMatchError) or getattr(error, "code", 0) in (403, 404, 409)):
                return "", call.inputs
            text = f"resource {name} was not successfully created by the Kubernetes API server : {error}"
            raise ProviderError(text) from None
        if call.preview:
            live.pop("status", None)
            return "", checkpoint(item, live, call.inputs, item["apiVersion"], manager)
        what = f"resource {name} was successfully created, but the Kubernetes API server reported that it failed to "
        outputs = await self._settled(call, item, live, manager, what + "fully initialize or become live")
        return full_name(live), outputs

    async def update(self, call: Call) -> Properties:
        """Apply the inputs under the manager of the state."""
        item, (_, _, _, old_manager) = plain(call.inputs), parse_checkpoint(call.state)
        if call.preview and (has_unknown(item) or self.client is None):
            return call.inputs
        client, item = self.reached(), normalized(item) if item.get("kind") != "Secret" else item
        manager = (
            annotation(item, "patchFieldManager") or old_manager or f"{kube_change.CREATOR}-{secrets.token_hex(4)}"
        )
        try:
            live = await client.live(item)
            if live is None:
                raise ProviderError(f'{item["kind"].lower()}s "{item["metadata"]["name"]}" not found')
            live = await self._applied(call, item, live, manager)
        except (ApiError, ProviderError, NoMatchError, UnreachableError) as error:
            await self._update_failed(call, item, manager, error)
        if call.preview:
            return checkpoint(item, live, call.inputs, item["apiVersion"], manager)
        what = f'the Kubernetes API server reported that "{full_name(item)}" failed to fully initialize or become live'
        outputs = await self._settled(call, item, live, manager, what)
        if old_manager and old_manager != manager:
            await kube_change.relinquish(client, item, old_manager)
        return outputs

    async def _applied(self, call: Call, item: Object, live: Object, manager: str) -> Object:
        client, force = self.reached(), kube_change.forced(item, self.option("enablePatchForce"))
        if not is_patch(call.type):
            if call.preview:
                force = force or any(
                    entry["manager"] == kube_change.CREATOR and entry["operation"] == "Update"
                    for entry in live["metadata"].get("managedFields") or []
                )
            else:
                live = await kube_change.take_over(client, live, manager)
        wanted = kube_change.without_ignored(item, live, manager, call.ignore_changes)
        return await kube_change.apply(client, wanted, manager, force, call.preview)

    async def _update_failed(self, call: Call, item: Object, manager: str, error: Exception) -> NoReturn:
        """Raise what the real plugin makes of it: where the object is there, the new inputs are kept all the same."""
        what = "failed to fully initialize or become live"
        live = None
        if not call.preview and not isinstance(error, UnreachableError | NoMatchError):
            live = await self.reached().live(item)
        if live is None:
            text = (
                f"update of resource {full_name(item)} failed because the Kubernetes API server reported that it {what}"
            )
            raise ProviderError(f"{text}: {error}") from None
        outputs = checkpoint(item, live, call.inputs, item["apiVersion"], manager)
        reason = f'the Kubernetes API server reported that "{full_name(item)}" {what}: {error}'
        raise InitFailedError(full_name(live), outputs, [reason], call.inputs) from None
