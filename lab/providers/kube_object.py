"""Kubernetes objects in a Pulumi state: what goes in, what is compared, what is secret."""

from __future__ import annotations

import base64
import copy
import re
from decimal import Decimal
from typing import Any

from lab.providers.values import Properties, PropertyValue, Secret, has_secret, plain

Object = dict[str, Any]
_READ_ONLY = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)
_INPUTS, _API_VERSION, _MANAGER = "__inputs", "__initialApiVersion", "__fieldManager"
_CLUSTER_SCOPED = frozenset(
    [
        "APIService",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ComponentStatus",
        "CSIDriver",
        "CSINode",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "SelfSubjectReview",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    ]
)
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|)")
_FACTORS = {"n": "1e-9", "u": "1e-6", "m": "1e-3", "": "1", "k": "1e3", "M": "1e6", "G": "1e9", "T": "1e12"}
_FACTORS |= {"P": "1e15", "E": "1e18"}
_FACTORS |= {f"{letter}i": str(1024**power) for power, letter in enumerate("KMGTPE", 1)}


def is_patch(token: str) -> bool:
    """Return whether a resource type such as ``kubernetes:core/v1:NodePatch`` only patches what is there."""
    return token.endswith("Patch")


def kind_of(token: str) -> tuple[str, str]:
    """Return API version and kind of a resource type; a patch has those of what it patches."""
    _, module, kind = token.split(":")
    return module.removeprefix("core/"), kind.removesuffix("Patch") if is_patch(token) else kind


def namespaced_by_name(kind: str) -> bool:
    """Return whether a built-in kind lives in namespaces; a kind that is not known is taken to do so."""
    return kind not in _CLUSTER_SCOPED


def full_name(item: Object) -> str:
    """Return the resource ID of an object, ``namespace/name`` or ``name``."""
    metadata = item.get("metadata") or {}
    namespace, name = metadata.get("namespace"), metadata.get("name") or ""
    return f"{namespace}/{name}" if namespace else name


def annotation(item: Object, name: str) -> str:
    """Return one of the annotations ``pulumi.com/NAME``; empty if it is not there."""
    annotations = (item.get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(f"pulumi.com/{name}") or "")


def _quantity(text: str) -> Decimal | None:
    match = _QUANTITY.fullmatch(text)
    return Decimal(match[1]) * Decimal(_FACTORS[match[2]]) if match else None


def _alike(live: PropertyValue, wanted: PropertyValue) -> bool:
    """Return whether the server only wrote a value in another way: quantities, and zero values it leaves out."""
    if live is None:
        return wanted in (False, "", 0, [], {})
    if isinstance(live, str) and isinstance(wanted, str | int):
        quantity = _quantity(str(wanted))
        return quantity is not None and quantity == _quantity(live)
    return False


def pruned(live: PropertyValue, shape: PropertyValue) -> PropertyValue:
    """Return what ``live`` holds at the places that ``shape`` has."""
    if isinstance(live, dict) and isinstance(shape, dict):
        kept = {key: pruned(live.get(key), value) for key, value in shape.items()}
        return {key: value for key, value in kept.items() if value is not None}
    if isinstance(live, list) and isinstance(shape, list):
        return [pruned(value, shape[index]) if index < len(shape) else value for index, value in enumerate(live)]
    return shape if live != shape and _alike(live, shape) else live


def normalized(item: Object) -> Object:
    """Return inputs without what only the server writes, and a Secret's text as data."""
    result = copy.deepcopy(item)
    if isinstance(result.get("metadata"), dict):
        result["metadata"] = {key: value for key, value in result["metadata"].items() if key not in _READ_ONLY}
    texts = result.get("stringData")
    if result.get("kind") == "Secret" and isinstance(texts, dict):
        del result["stringData"]
        encoded = {
            key: base64.b64encode(value.encode()).decode() if isinstance(value, str) else value
            for key, value in texts.items()
        }
        result["data"] = {**(result.get("data") or {}), **encoded}
    return result


def annotate_secrets(outs: Properties, ins: PropertyValue) -> Properties:
    """Return ``outs`` with what is secret in ``ins`` made secret, and all that a Secret holds."""
    if outs.get("kind") == "Secret":
        hidden = {key: outs[key] for key in ("data", "stringData") if outs.get(key) is not None}
        return {**outs, **{key: value if isinstance(value, Secret) else Secret(value) for key, value in hidden.items()}}
    marked = dict(outs)
    for key, given in ins.items() if isinstance(ins, dict) else ():
        value = marked.get(key)
        if isinstance(value, dict) and isinstance(given, dict):
            marked[key] = annotate_secrets(value, given)
        elif value is not None and has_secret(given):
            marked[key] = Secret(value)
    return marked


def checkpoint(inputs: Object, live: Object, given: Properties, api_version: str, manager: str) -> Properties:
    """Return the outputs to keep: the live object, and the inputs and the field manager beside it."""
    return {
        **annotate_secrets(live, given),
        _INPUTS: annotate_secrets(inputs, given),
        _API_VERSION: api_version,
        _MANAGER: manager,
    }


def parse_checkpoint(state: Properties) -> tuple[Object, Object, str, str]:
    """Return inputs, live object, first API version and field manager of a state."""
    live: Object = plain(state)
    inputs = live.pop(_INPUTS, None) or {}
    return inputs, live, live.pop(_API_VERSION, ""), live.pop(_MANAGER, "")
