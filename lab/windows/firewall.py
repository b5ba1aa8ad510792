"""The firewall of a Windows host: everything inbound is refused but SSH and what a rule allows, by nftables."""

from __future__ import annotations

from typing import Any

from lab.shell import run
from lab.windows.folder import HostFolder

Rule = dict[str, Any]
OPENSSH: Rule = {
    "Name": "OpenSSH-Server-In-TCP", "DisplayName": "OpenSSH SSH Server (sshd)", "Enabled": "True",
    "Direction": "Inbound", "Action": "Allow", "Profile": "Any", "Protocol": "TCP", "LocalPort": ["22"],
    "RemoteAddress": ["Any"],
}  # fmt: skip
"""The rule of a host whose administrator has opened SSH."""
_PROTOCOLS = {"tcp": "tcp", "udp": "udp", "6": "tcp", "17": "udp"}


def rules(folder: HostFolder) -> dict[str, Rule]:
    """Return the rules by their names in lower case."""
    kept: dict[str, Rule] = folder.read("firewall", {OPENSSH["Name"].lower(): OPENSSH})
    return kept


def keep(folder: HostFolder, changed: dict[str, Rule]) -> None:
    """Keep the rules and enforce them. Raises RuntimeError when one cannot be."""
    run(["nft", "-f", "-"], text=ruleset(changed))
    folder.write("firewall", changed)


def enforce(folder: HostFolder) -> None:
    """Enforce the rules that the host has."""
    run(["nft", "-f", "-"], text=ruleset(rules(folder)))


def ruleset(changed: dict[str, Rule]) -> str:
    """Return the text for ``nft -f -`` that replaces the firewall."""
    accepted = [line for rule in changed.values() for line in _accept(rule)]
    base = [
        "type filter hook input priority filter; policy drop;",
        'iifname "lo" accept',
        # Pods are behind the virtual switch, which the firewall of the host does not see.
        'iifname { "hns.*", "hnsw.*" } accept',
        "ct state established,related accept",
        "icmp type != echo-request accept",
    ]
    body = "".join(f"  {line}\n" for line in [*base, *accepted])
    clear = "table inet firewall {}\ndelete table inet firewall\n"
    return f"{clear}table inet firewall {{\n chain input {{\n{body} }}\n}}\n"


def _accept(rule: Rule) -> list[str]:
    if rule["Enabled"] != "True" or rule["Direction"] != "Inbound" or rule["Action"] != "Allow":
        return []
    # The lab's network is none that Windows was told to be a private one.
    if rule.get("Profile", "Any") not in ("Any", "Public"):
        return []
    protocol, ports = str(rule.get("Protocol", "Any")).lower(), _listed(rule.get("LocalPort"))
    addresses = _listed(rule.get("RemoteAddress"))
    parts = [f"ip saddr {{ {', '.join(addresses)} }}"] if addresses else []
    if protocol.startswith("icmp"):
        parts.append("icmp type echo-request")
    elif ports:
        parts.append(f"{_PROTOCOLS[protocol]} dport {{ {', '.join(ports)} }}")
    elif protocol != "any":
        parts.append(f"meta l4proto {_PROTOCOLS[protocol]}")
    return [" ".join([*parts, "accept"])]


def _listed(value: object) -> list[str]:
    items = [str(item) for item in (value if isinstance(value, list) else [value] if value else [])]
    return [] if any(item.lower() == "any" for item in items) else items
