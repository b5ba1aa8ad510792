"""What HNS' load balancers and outbound NAT are to the kernel: an nftables table, as text."""

from __future__ import annotations

from lab.windows.hns_objects import REMOTE, Object, policies

TABLE = "hns"
_PROTOCOLS = {6: "tcp", 17: "udp"}


def ruleset(overlay: str, switch: str, prefix: str, balancers: list[Object], endpoints: dict[str, Object]) -> str:
    """Return the text for ``nft -f -`` that replaces the table.

    ``overlay`` and ``switch`` are the interfaces of the VXLAN device and of the pods, ``prefix`` the pods' subnet.
    """
    services = [rule for balancer in balancers for rule in _service(balancer, endpoints)]
    sources = {balancer["SourceVIP"] for balancer in balancers if balancer.get("SourceVIP")}
    after = [f'oifname "{overlay}" ip saddr != {prefix} ct status dnat snat to {vip}' for vip in sorted(sources)[:1]]
    # Two pods of this node reached through a service: the answer must come back the same way.
    after.append(f'oifname "{switch}" ip saddr {prefix} ct status dnat masquerade')
    after += [rule for endpoint in endpoints.values() for rule in _outbound(endpoint, overlay, switch)]
    return (
        f"table ip {TABLE} {{}}\ndelete table ip {TABLE}\ntable ip {TABLE} {{\n"
        + _chain("services", "", services)
        + _chain("before", "type nat hook prerouting priority dstnat;", ["jump services"])
        + _chain("local", "type nat hook output priority -100;", ["jump services"])
        + _chain("after", "type nat hook postrouting priority srcnat;", after)
        + "}\n"
    )


def _chain(name: str, hook: str, rules: list[str]) -> str:
    return f" chain {name} {{\n" + "".join(f"  {line}\n" for line in [hook, *rules] if line) + " }\n"


def _service(balancer: Object, endpoints: dict[str, Object]) -> list[str]:
    behind = [
        endpoints[reference.lower()]["IpConfigurations"][0]["IpAddress"]
        for reference in balancer.get("HostComputeEndpoints") or []
        if reference.lower() in endpoints
    ]
    if not behind:
        return []
    rules = []
    for mapping in balancer["PortMappings"]:
        protocol = _PROTOCOLS[mapping["Protocol"]]
        choices = ", ".join(f"{n} : {ip} . {mapping['InternalPort']}" for n, ip in enumerate(behind))
        target = f"dnat ip addr . port to numgen random mod {len(behind)} map {{ {choices} }}"
        for vip in balancer.get("FrontendVIPs") or [""]:
            where = f"ip daddr {vip}" if vip else "fib daddr type local"
            rules.append(f"{where} {protocol} dport {mapping['ExternalPort']} {target}")
    return rules


def _outbound(endpoint: Object, overlay: str, switch: str) -> list[str]:
    if endpoint.get("Flags", 0) & REMOTE or not endpoint.get("HostComputeNamespace"):
        return []
    address = endpoint["IpConfigurations"][0]["IpAddress"]
    rules = []
    for settings in policies(endpoint, "OutBoundNAT"):
        exceptions = ", ".join(settings.get("Exceptions") or [])
        besides = f"ip daddr != {{ {exceptions} }} " if exceptions else ""
        rules.append(f'ip saddr {address} {besides}oifname != {{ "{overlay}", "{switch}" }} masquerade')
    return rules
