"""When an object counts as ready.

As the real plugin: DaemonSet, Deployment, StatefulSet, Pod, Job, Service, and what ``pulumi.com/waitFor`` names. It
knows more kinds (Ingress, PersistentVolumeClaim), tells more about pods while it waits, and looks at ReplicaSets too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from lab.providers.kube_client import ApiError, KubeClient
from lab.providers.kube_object import Object, annotation
from lab.providers.server import Context, ProviderError

_DEFAULT_SECONDS = 600.0
_INTERVAL_SECONDS = 0.5
Waiting = str | None
"""What is being waited for; None once there is nothing."""


class NotReadyError(Exception):
    """The object is there, but will not or did not become ready."""

    def __init__(self, live: Object, reasons: list[str]) -> None:
        super().__init__(reasons[0])
        self.live, self.reasons = live, reasons


def _number(item: Object, *path: str) -> int:
    value: Any = item
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, int) else -1


def _condition(item: Object, kind: str) -> Object:
    conditions = (item.get("status") or {}).get("conditions") or []
    return next((found for found in conditions if found.get("type") == kind), {})


def _observed(item: Object) -> bool:
    return _number(item, "status", "observedGeneration") >= _number(item, "metadata", "generation")


def _daemon_set(item: Object) -> Waiting:
    desired = _number(item, "status", "desiredNumberScheduled")
    if not _observed(item) or desired < 0:
        return "Missing .status.desiredNumberScheduled"
    for name, text in (
        ("currentNumberScheduled", "Current"),
        ("updatedNumberScheduled", "Updated"),
        ("numberAvailable", "Available"),
        ("numberReady", "Ready"),
    ):
        count = max(0, _number(item, "status", name))
        if count < desired:
            return f"{text}: {count}/{desired}"
    return None


def _replicas(item: Object) -> Waiting:
    wanted = _number(item, "spec", "replicas")
    wanted = 1 if wanted < 0 else wanted
    if not _observed(item):
        return "Waiting for app ReplicaSet to be available"
    for name in ("updatedReplicas", "readyReplicas" if item["kind"] == "StatefulSet" else "availableReplicas"):
        count = max(0, _number(item, "status", name))
        if count < wanted:
            return f"Waiting for app ReplicaSet to be available ({count}/{wanted} Pods available)"
    return None


def _pod(item: Object) -> Waiting:
    phase = (item.get("status") or {}).get("phase")
    if phase == "Succeeded" or (phase == "Running" and _condition(item, "Ready").get("status") == "True"):
        return None
    return f"Waiting for Pod to be ready (phase {phase})"


def _job(item: Object) -> Waiting:
    if _condition(item, "Complete").get("status") == "True":
        return None
    failed = _condition(item, "Failed")
    if failed.get("status") == "True":
        raise NotReadyError(item, ["Job failed", str(failed.get("message") or failed.get("reason"))])
    return "Waiting for Job to complete"


def _service(item: Object) -> Waiting:
    balanced = (item.get("status") or {}).get("loadBalancer") or {}
    if (item.get("spec") or {}).get("type") == "LoadBalancer" and not balanced.get("ingress"):
        return "Service was not allocated an IP address; does your cloud provider support this?"
    return None


_READY: dict[tuple[str, str], Callable[[Object], Waiting]] = {
    ("apps/v1", "DaemonSet"): _daemon_set,
    ("apps/v1", "Deployment"): _replicas,
    ("apps/v1", "StatefulSet"): _replicas,
    ("batch/v1", "Job"): _job,
    ("v1", "Pod"): _pod,
    ("v1", "Service"): _service,
}


def _asked(item: Object, expression: str) -> Waiting:
    """Return what an expression of ``pulumi.com/waitFor`` still waits for; of JSONPath only plain fields."""
    kind, _, rest = expression.partition("=")
    name, _, wanted = rest.partition("=")
    if kind == "condition":
        wanted = wanted or "True"
        return None if _condition(item, name).get("status") == wanted else f"Waiting for condition {name}={wanted}"
    if kind != "jsonpath" or not re.fullmatch(r"\{(\.[A-Za-z0-9_-]+)+\}", name):
        raise ProviderError(f'expected a "jsonpath=" or "condition=" prefix, got "{expression}"')
    value: Any = item
    for key in name.strip("{}").split(".")[1:]:
        value = value.get(key) if isinstance(value, dict) else None
    fits = value is not None and (not wanted or str(value) == wanted)
    return None if fits else f"Waiting for {name}={wanted}"


async def _endpoints(client: KubeClient, item: Object) -> Waiting:
    spec, metadata = item.get("spec") or {}, item["metadata"]
    if not spec.get("selector") or spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName":
        return None
    path = f"/apis/discovery.k8s.io/v1/namespaces/{metadata['namespace']}/endpointslices"
    slices = await client.request(
        "GET", path, query={"labelSelector": f"kubernetes.io/service-name={metadata['name']}"}
    )
    ready = any(
        (endpoint.get("conditions") or {}).get("ready") is not False
        for found in slices.get("items") or []
        for endpoint in found.get("endpoints") or []
    )
    return None if ready else "Service does not target any Pods. Selected Pods may not be ready"


async def waiting_for(client: KubeClient, inputs: Object, live: Object) -> Waiting:
    """Return what the object still lacks, by its annotations or by its kind. Raises NotReadyError if it is lost."""
    if annotation(inputs, "skipAwait") == "true":
        return None
    asked = annotation(inputs, "waitFor")
    if asked:
        expressions = json.loads(asked) if asked.startswith("[") else [asked]
        return next((text for text in (_asked(live, each) for each in expressions) if text), None)
    check = _READY.get((str(live.get("apiVersion")), str(live.get("kind"))))
    lacking = check(live) if check else None
    if lacking is None and live.get("kind") == "Service" and live.get("apiVersion") == "v1":
        return await _endpoints(client, live)
    return lacking


def seconds(inputs: Object, timeout: float) -> float:
    """Return how long to wait: a custom timeout, then the annotation, then ten minutes."""
    asked = annotation(inputs, "timeoutSeconds")
    return timeout or (float(asked) if asked.isdigit() else _DEFAULT_SECONDS)


async def _poll(context: Context, client: KubeClient, item: Object, left: float, lacking: str) -> Object | None:
    """Wait a moment and return the object as it is then. Raises NotReadyError when time is up or on cancel."""
    name = item["metadata"]["name"]
    if left <= 0:
        raise NotReadyError(item, [f"'{name}' timed out waiting to be Ready", lacking])
    try:
        await context.sleep(_INTERVAL_SECONDS)
    except ProviderError:
        late = [f"'{name}' timed out waiting to be Ready", lacking]
        cancelled = [f"Resource operation was cancelled for '{name}'"]
        raise NotReadyError(item, cancelled if context.cancelled.is_set() else late) from None
    return await client.live(item)


async def until_ready(context: Context, client: KubeClient, inputs: Object, live: Object, timeout: float) -> Object:
    """Return the live object once it is ready. Raises NotReadyError."""
    said, left = "", seconds(inputs, timeout)
    while (lacking := await waiting_for(client, inputs, live)) is not None:
        if lacking != said:
            await context.log(lacking, status=True)
            said = lacking
        seen = await _poll(context, client, live, left, lacking)
        if seen is None:
            raise NotReadyError(live, [f"'{live['metadata']['name']}' was deleted while it was waited for"])
        live, left = seen, left - _INTERVAL_SECONDS
    return live


async def until_gone(context: Context, client: KubeClient, live: Object, timeout: float) -> None:
    """Wait until the object, and not only one of its name, is gone. Raises NotReadyError."""
    uid, left = live["metadata"].get("uid"), timeout
    seen: Object | None = live
    try:
        while seen is not None and seen["metadata"].get("uid") == uid:
            seen = await _poll(context, client, seen, left, "Timed out waiting for deletion")
            left -= _INTERVAL_SECONDS
    except ApiError as error:
        raise NotReadyError(live, [str(error)]) from None
