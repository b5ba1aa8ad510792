"""Creates, applies, relinquishes and deletes objects, with the field managers of the real plugin."""

from __future__ import annotations

import copy
import os
from typing import Any

from lab.providers.kube_client import APPLY, JSON_PATCH, ApiError, KubeClient, NoMatchError
from lab.providers.kube_object import Object, annotation
from lab.providers.server import Context, ProviderError

CREATOR = "pulumi-kubernetes"
_CONFLICT = (
    "Server-Side Apply field conflict detected. See https://www.pulumi.com/registry/packages/kubernetes/"
    "how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources "
    "for troubleshooting help\n: {}"
)
# Whose fields an update takes over: those that kubectl or this provider set without server-side apply.
_TAKEN_OVER = {
    ("kubectl", "Apply"),
    ("kubectl", "Update"),
    ("before-first-apply", "Update"),
    (CREATOR, "Update"),
    ("pulumi-kubernetes.exe", "Update"),
    ("pulumi-resource-kubernetes", "Update"),
}
_TRIES, _FIRST_WAIT_SECONDS = 5, 1.0


def forced(item: Object, option: bool) -> bool:
    """Return whether a conflict with another manager is to be won."""
    asked = os.environ.get("PULUMI_K8S_ENABLE_PATCH_FORCE")
    return annotation(item, "patchForce") == "true" or (asked == "true" if asked is not None else option)


def _query(manager: str, preview: bool, **more: str) -> dict[str, str]:
    return {"fieldManager": manager, **({"dryRun": "All"} if preview else {}), **more}


async def apply(client: KubeClient, item: Object, manager: str, force: bool, preview: bool = False) -> Object:
    """Apply an object on the server. Raises ProviderError for a conflict, ApiError for anything else."""
    query = _query(manager, preview, force="true" if force else "false")
    try:
        return await client.request("PATCH", await client.object_path(item), item, query, APPLY)
    except ApiError as error:
        if error.code == 409:
            raise ProviderError(_CONFLICT.format(error)) from None
        raise


async def create(context: Context, client: KubeClient, item: Object, preview: bool) -> Object:
    """Create an object that is not there yet; waits a little for its namespace or its kind to appear."""
    wait = _FIRST_WAIT_SECONDS
    for attempt in range(_TRIES):
        try:
            path = await client.object_path(item, "")
            return await client.request("POST", path, item, _query(CREATOR, preview))
        except (ApiError, NoMatchError) as error:
            missing = isinstance(error, NoMatchError) or error.code == 404
            if not missing or preview or attempt == _TRIES - 1:
                raise
            await context.log(f"Retry #{attempt}; creation failed: {error}", status=True)
        await context.sleep(wait)
        wait *= 2
    raise AssertionError("the last attempt returns or raises")


def _merged(first: Object, second: Object) -> Object:
    """Return the union of two trees of managed fields."""
    both = {key: _merged(first[key], second[key]) for key in first.keys() & second.keys()}
    return {**first, **second, **both}


async def take_over(client: KubeClient, live: Object, manager: str) -> Object:
    """Give our manager the fields that were set without server-side apply, so that an apply does not meet them."""
    entries: list[dict[str, Any]] = live["metadata"].get("managedFields") or []
    ours = [
        entry
        for entry in entries
        if not entry.get("subresource")
        and ((entry["manager"], entry["operation"]) in _TAKEN_OVER or entry["manager"] == manager)
    ]
    if all(entry["manager"] == manager and entry["operation"] == "Apply" for entry in ours):
        return live
    fields: Object = {}
    for entry in ours:
        fields = _merged(fields, entry["fieldsV1"])
    new = {**ours[0], "manager": manager, "operation": "Apply", "fieldsV1": fields}
    patch = [
        {"op": "test", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
        {
            "op": "replace",
            "path": "/metadata/managedFields",
            "value": [*(entry for entry in entries if entry not in ours), new],
        },
    ]
    return await client.request("PATCH", await client.object_path(live), patch, None, JSON_PATCH)


def _has(fields: Object, path: list[str]) -> bool:
    for key in path:
        if f"f:{key}" not in fields:
            return False
        fields = fields[f"f:{key}"]
    return True


def without_ignored(item: Object, live: Object, manager: str, ignored: tuple[str, ...]) -> Object:
    """Return inputs in which an ignored field is left to its other manager, or else is as it is on the server.

    A path with an array index is no field to managed fields, here as in the real plugin.
    """
    result = copy.deepcopy(item)
    entries = live["metadata"].get("managedFields") or []
    for dotted in ignored:
        *parents, last = path = dotted.split(".")
        theirs = any(_has(entry.get("fieldsV1") or {}, path) for entry in entries if entry["manager"] != manager)
        ours = any(_has(entry.get("fieldsV1") or {}, path) for entry in entries if entry["manager"] == manager)
        target: Any = result
        value: Any = live
        for key in parents:
            target = target.get(key) if isinstance(target, dict) else None
            value = value.get(key) if isinstance(value, dict) else None
        if not isinstance(target, dict):
            continue
        if theirs and not ours:
            target.pop(last, None)
        elif isinstance(value, dict) and last in value:
            target[last] = value[last]
    return result


async def relinquish(client: KubeClient, item: Object, manager: str) -> None:
    """Give up every field of a manager: apply an object that has none.

    Fields that nobody else manages are removed, not set back. Where the object is gone, this makes a new one.
    """
    metadata = {key: item["metadata"][key] for key in ("name", "namespace") if item["metadata"].get(key)}
    bare = {"apiVersion": item["apiVersion"], "kind": item["kind"], "metadata": metadata}
    await apply(client, bare, manager, False)


async def delete(client: KubeClient, item: Object) -> None:
    """Ask for the deletion of an object; it need not be there."""
    policy = {"orphan": "Orphan", "background": "Background"}
    chosen = policy.get(annotation(item, "deletionPropagationPolicy").lower(), "Foreground")
    options = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": chosen}
    try:
        await client.request("DELETE", await client.object_path(item), options)
    except ApiError as error:
        if error.code != 404:
            raise
