"""The types of gcp that the project asks for."""

from __future__ import annotations

from collections.abc import Mapping

from lab.providers.cloud import Kind
from lab.providers.gcp_rules import ADDRESS, INSTANCE

_GLOBAL, _REGION = "projects/{project}/global", "projects/{project}/regions/{region}"
ACCOUNT, NAT, ROUTER = (
    "gcp:serviceaccount/account:Account",
    "gcp:compute/routerNat:RouterNat",
    "gcp:compute/router:Router",
)
_PLACE = ("name", "project", "region")
_DISK = tuple(f"bootDisk.initializeParams.{each}" for each in ("image", "size", "type", "labels"))
KINDS: Mapping[str, Kind] = {
    "gcp:compute/network:Network": Kind(
        f"{_GLOBAL}/networks/{{name}}", "name", ("name", "project", "autoCreateSubnetworks", "mtu", "description")
    ),
    "gcp:compute/subnetwork:Subnetwork": Kind(
        f"{_REGION}/subnetworks/{{name}}", "name", (*_PLACE, "network", "purpose", "ipCidrRange")
    ),
    "gcp:compute/firewall:Firewall": Kind(
        f"{_GLOBAL}/firewalls/{{name}}", "name", ("name", "project", "network", "direction")
    ),
    ADDRESS: Kind(
        f"{_REGION}/addresses/{{name}}",
        "name",
        (*_PLACE, "address", "addressType", "networkTier", "purpose", "subnetwork", "network"),
    ),
    ROUTER: Kind(f"{_REGION}/routers/{{name}}", "name", (*_PLACE, "network")),
    NAT: Kind("{project}/{region}/{router}/{name}", "name", (*_PLACE, "router")),
    INSTANCE: Kind(
        "projects/{project}/zones/{zone}/instances/{name}",
        "name",
        ("name", "project", "zone", "metadataStartupScript", "bootDisk.kmsKeySelfLink", *_DISK),
    ),
    ACCOUNT: Kind("projects/{project}/serviceAccounts/{accountId}", "accountId", ("accountId", "project")),
}
"""Every type that the project asks for."""
