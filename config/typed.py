"""The arguments of the package's components as Python types, written from the models by ``config.reference``.

Written, and not made when they are imported: Pulumi reads the descriptions for other languages from the source text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from config.model import Model
from config.nodes import ControlPlaneNode, Node
from config.schema import Key, keys
from config.settings import Settings

_LINUX_ONLY = ("linux_workers", "containerd_configuration", "kubeadm_configuration", "ignore_preflight_errors")
_OF_A_STACK_FILE = ("source", "azure", "gce", "ssh_private_key", "repairs")
WINDOWS_NODES = tuple(name for name in Settings.model_fields if name not in (*_LINUX_ONLY, *_OF_A_STACK_FILE))
"""The settings that Windows nodes of a cluster that exists are made from."""
FLANNEL = (
    *("node_cidrs", "control_plane", "ssh", "pod_cidr", "service_cidr", "dns_address", "node_prefix_length"),
    *("pods_per_node", "vni", "vxlan_port", "network_name", "mtu", "versions", "images", "existing_flannel"),
    "time_limits",
)
"""The settings that flannel is made from, and the way to the cluster."""
COMPONENTS: Mapping[str, tuple[str, ...]] = {"WindowsNodes": WINDOWS_NODES, "Flannel": FLANNEL}
"""The settings that each component takes."""
_LEFT_OUT: Mapping[type[Model], tuple[str, ...]] = {
    Node: ("source", "pool", "machine"),
    ControlPlaneNode: ("existing", "replaces"),
}
"""What is no argument of a component: machines are there, and so is the cluster."""
_HEAD = '''\
"""What the components take: the settings of a stack file, spelt as Python does.

Written by `{command}` from config/settings.py; do not edit.
"""

# Not postponed: Pulumi reads the annotations as types.
from typing import Any, NotRequired, TypedDict
'''


def typed_arguments(command: str) -> str:
    """Return the module of the types; ``command`` is what writes it."""
    types: dict[str, str] = {}
    for component, fields in COMPONENTS.items():
        chosen = {key.field: key for key in keys(Settings).values()}
        members = [chosen[field] for field in fields]
        types[f"{component}Args"] = _type(f"{component}Args", f"The settings of {component}.", members, types)
    return "\n\n".join([_HEAD.format(command=command), *types.values()])


def _type(name: str, purpose: str, members: list[Key], types: dict[str, str]) -> str:
    """Return a type's text, having put the types that it needs before it."""
    lines = [f"class {name}(TypedDict):", f'    """{purpose}"""', ""]
    # Required ones first, as a reader looks for them.
    for key in sorted(members, key=lambda key: not key.required):
        text = _annotation(key, types)
        lines += [f"    {key.field}: {text if key.required else f'NotRequired[{text}]'}", f"    {_quoted(key)}"]
    return "\n".join(lines) + "\n"


def _annotation(key: Key, types: dict[str, str]) -> str:
    if key.model:
        name = f"{key.model.__name__}Args"
        if name not in types:
            purpose = " ".join((key.model.__doc__ or "").split())
            types[name] = _type(name, purpose, list(_members(key.model)), types)
        return f"list[{name}]" if key.is_list else name
    plain = {"string": "str", "integer": "int", "boolean": "bool", "array": "list[str]"}
    if key.kind in plain:
        return plain[key.kind]
    of = get_args(key.annotation)[1]
    return f"dict[str, {of.__name__ if of in (int, str) else 'Any'}]"


def _members(model: type[Model]) -> Iterator[Key]:
    left_out = {field for of, fields in _LEFT_OUT.items() if issubclass(model, of) for field in fields}
    yield from (key for key in keys(model).values() if key.field not in left_out)


def _quoted(key: Key) -> str:
    default = "" if key.default in (None, [], {}) else f" Default: `{_shown(key.default)}`."
    text = key.description + default
    return f'{"r" if chr(92) in text else ""}"""{text}"""'


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
