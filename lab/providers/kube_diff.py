"""What an update of an object would change, and which changes the API server only takes as a new object."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lab.providers.diff import Difference, changes
from lab.providers.kube_object import Object, annotation, is_patch, namespaced_by_name, normalized, pruned

_SELECTOR = ("spec.selector",)
_BINDING = ("roleRef",)
_CONTAINER = [
    "args",
    "command",
    "env",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "ports",
    "readinessProbe",
    "resources",
    "securityContext",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
]
_POD = [
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostname",
    "imagePullSecrets",
    "nodeName",
    "nodeSelector",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "volumes",
]
_FORCE_NEW: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("apps/v1", "DaemonSet"): _SELECTOR,
    ("apps/v1", "Deployment"): _SELECTOR,
    ("apps/v1", "StatefulSet"): (
        *_SELECTOR,
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    ("batch/v1", "Job"): (*_SELECTOR, "spec.completions", "spec.parallelism", "spec.template"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): _BINDING,
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): _BINDING,
    ("storage.k8s.io/v1", "StorageClass"): ("parameters", "provisioner"),
    ("v1", "PersistentVolumeClaim"): (
        *_SELECTOR,
        "spec.accessModes",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    ("v1", "Pod"): (
        *(f"spec.{name}" for name in _POD),
        *(f"spec.{kind}[*].{name}" for kind in ("containers", "initContainers") for name in _CONTAINER),
    ),
    ("v1", "ResourceQuota"): ("spec.scopes",),
    ("v1", "Secret"): ("type",),
    ("v1", "Service"): ("spec.clusterIP",),
}
_IDENTITY = ("metadata.name", "metadata.namespace")


def _force_new(item: Object, mutable: Mapping[str, bool]) -> tuple[str, ...]:
    kind = str(item.get("kind"))
    properties = _FORCE_NEW.get((str(item.get("apiVersion")), kind), ())
    if kind in ("ConfigMap", "Secret") and (not mutable.get(kind) or item.get("immutable")):
        properties = ("type", "stringData", "data") if kind == "Secret" else ("binaryData", "data")
    return _IDENTITY + properties


def _touches(path: str, forced: str) -> bool:
    general = re.sub(r"\[\d+\]", "[*]", path)
    return general == forced or general.startswith((f"{forced}.", f"{forced}[")) or forced.startswith(f"{general}.")


def _set_namespace(item: Object, namespaced: bool) -> None:
    metadata = item.setdefault("metadata", {})
    if namespaced:
        metadata["namespace"] = metadata.get("namespace") or "default"
    else:
        metadata.pop("namespace", None)


def difference(
    token: str,
    old_inputs: Object,
    live: Object,
    new_inputs: Object,
    *,
    ignored: tuple[str, ...],
    mutable: Mapping[str, bool],
) -> Difference:
    """Compare new inputs with the last seen live object, as far as the old inputs spoke of it.

    ``mutable`` says of ConfigMap and Secret whether the provider may change their data in place.
    """
    old, new = normalized(old_inputs), normalized(new_inputs)
    before: Object = pruned(normalized(live), old)
    namespaced = namespaced_by_name(str(new.get("kind")))
    _set_namespace(before, namespaced)
    _set_namespace(new, namespaced)
    found = {
        path: change
        for path, change in changes(before, new)
        if not any(path == skip or path.startswith((f"{skip}.", f"{skip}[")) for skip in ignored)
    }
    forced = _IDENTITY if is_patch(token) else _force_new(new, mutable)
    replaces = {path for path in found if any(_touches(path, item) for item in forced)}
    same_place = all(
        (before.get("metadata") or {}).get(key) == (new.get("metadata") or {}).get(key) for key in ("name", "namespace")
    )
    first = bool(replaces) and same_place and annotation(new, "autonamed") != "true"
    return Difference(found, replaces, delete_before_replace=first)
