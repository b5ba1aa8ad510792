"""The policies of this pack, handed to Pulumi. What each forbids is a function in ``checks``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from checks.control_plane import unguarded, word_given
from checks.daemon_sets import of_any_system
from checks.downloads import unpinned
from checks.openings import open_to_the_world
from checks.overlay import disagreements
from checks.resource import Resource, SecretText
from checks.secrets import plain
from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
    deserialize,
)
from pulumi_policy.proxy import UnknownValueError


def _mark_secrets() -> None:
    """Let policies see what is a secret: the engine says so, and the SDK takes the mark off before a policy looks."""
    read = deserialize._deserialize_property

    def marking(prop: Any, proxy_secrets: bool = False) -> Any:
        value = read(prop, proxy_secrets)
        secret = isinstance(prop, dict) and prop.get(deserialize.SPECIAL_SIG_KEY) == deserialize.SPECIAL_SECRET_SIG
        return _marked(value) if secret and not proxy_secrets else value

    deserialize._deserialize_property = marking


def _marked(value: Any) -> Any:
    if isinstance(value, str):
        return SecretText(value)
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    return [_marked(item) for item in value] if isinstance(value, list) else value


def _known(value: Any) -> Any:
    """Return a value of the SDK's without what is not known yet, whose mere sight raises an error there."""
    if isinstance(value, str | bool | int | float) or value is None:
        return value
    if isinstance(value, Mapping):
        return dict(_items(value, value))
    return [item for _, item in _items(value, range(len(value)))] if hasattr(value, "__len__") else value


def _items(value: Any, keys: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    for key in keys:
        try:
            yield key, _known(value[key])
        except UnknownValueError:
            continue


def _each(name: str, description: str, check: Callable[[Resource], Iterator[str]], **options: Any) -> Any:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for sentence in check(Resource(args.resource_type, args.name, _known(args.props))):
            report(sentence)

    return ResourceValidationPolicy(name, description, validate, **options)


def _all(name: str, description: str, check: Callable[[list[Resource]], Iterator[tuple[Resource, str]]]) -> Any:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        stack = {each.urn: Resource(each.resource_type, each.name, _known(each.props)) for each in args.resources}
        urns = {id(resource): urn for urn, resource in stack.items()}
        for resource, sentence in check(list(stack.values())):
            report(sentence, urns[id(resource)])

    return StackValidationPolicy(name, description, validate)


_mark_secrets()
PolicyPack(
    "casement",
    [
        _each("no-open-administration", "SSH and RDP are never open to the world.", open_to_the_world),
        _all("one-overlay-network", "All nodes agree about the VXLAN network, as Windows can have it.", disagreements),
        _each("pinned-downloads", "Nothing is fetched without a digest, no image without a version.", unpinned),
        _each("daemon-set-of-one-system", "A DaemonSet says for which operating system it is.", of_any_system),
        _all("guarded-control-plane", "No program lets a control plane be replaced without a word.", unguarded),
        _each(
            "control-plane-may-end",
            "The word is given by which a control plane may be replaced.",
            word_given,
            enforcement_level=EnforcementLevel.ADVISORY,
        ),
        _each("no-plain-secrets", "What is a secret is one to the engine too.", plain),
    ],
    enforcement_level=EnforcementLevel.MANDATORY,
)
