"""Stand-in for the gcp provider 10.2.0, and for what of Google it speaks to.

Sources: which properties ask for a new resource, and how errors read, are those of the Terraform provider that the real
one wraps; requests are compared with the API's own description. Left out, besides what ``cloud.py`` says: attributes of
the outputs that the project does not read, among them the labels that Pulumi adds.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from lab.providers.cloud import CloudProvider, Wish, strings
from lab.providers.cloud_machines import MachineError
from lab.providers.cloud_state import Thing
from lab.providers.gcp_kinds import ACCOUNT, KINDS, NAT, ROUTER
from lab.providers.gcp_rules import (
    ADDRESS,
    INSTANCE,
    REFUSALS,
    google_error,
    new_instance,
    public_address,
    used_address,
)
from lab.providers.google_requests import faults
from lab.providers.server import ProviderError
from lab.providers.values import Properties, plain
from plan.first_boot import PUBLISHED

_WORDS = {INSTANCE: "instance", ACCOUNT: "service account"}
_LINK = "https://www.googleapis.com/compute/v1/"
_GUEST, _CONSOLE, _SUBNET = (
    "gcp:compute/getInstanceGuestAttributes:getInstanceGuestAttributes",
    "gcp:compute/getInstanceSerialPort:getInstanceSerialPort",
    "gcp:compute/getSubnetwork:getSubnetwork",
)


class Gcp(CloudProvider):
    """Every project that is asked for."""

    name, version = "gcp", "10.2.0"
    kinds = KINDS

    def refuse(self, wish: Wish) -> None:
        """Refuse what the API does."""
        doing = f"{'updating' if wish.before else 'creating'} {_word(wish.token)}"
        if wish.before is None and wish.id in wish.things:
            raise google_error(doing, 409, f"The resource '{wish.id}' already exists", "alreadyExists")
        if wish.token == ACCOUNT:
            return
        wrong = faults(wish.token, wish.name, wish.inputs)
        if wrong:
            raise google_error(doing, 400, "; ".join(wrong), "invalid")
        for key, text in _references(wish):
            if key not in wish.things:
                raise google_error(doing, 404, f"The resource '{text}' was not found", "notFound")
        if wish.token in REFUSALS:
            REFUSALS[wish.token](wish, doing)

    def refuse_delete(self, id: str, thing: Thing, things: Mapping[str, Thing]) -> None:
        """Refuse to take away what something else needs."""
        goes = self.goes_with(id, things) | {id}
        for key, other in things.items():
            needs = id in strings(other.inputs) or (thing.token == ADDRESS and used_address(thing, other))
            if key not in goes and needs:
                raise google_error(
                    f"deleting {_word(thing.token)}",
                    400,
                    f"The {_word(thing.token)} resource '{id}' is already being used by '{key}'",
                    "resourceInUseByAnotherResource",
                )

    def goes_with(self, id: str, things: Mapping[str, Thing]) -> set[str]:
        """Return what is gone with it: the NAT of a router, the disk of an instance that says so."""
        thing = things[id]
        if thing.token == ROUTER:
            said = thing.inputs
            return {
                key
                for key, other in things.items()
                if other.token == NAT
                and (other.inputs["router"], other.inputs["region"]) == (said["name"], said["region"])
            }
        if thing.token == INSTANCE and thing.inputs["bootDisk"].get("autoDelete", True):
            return {_disk(thing.inputs)}
        return set()

    def made(self, wish: Wish) -> Thing:
        """Return the resource as the provider tells it."""
        told = {**wish.inputs, "selfLink": _LINK + wish.id}
        if wish.token == ADDRESS and "address" not in told:
            told["address"] = wish.before.told["address"] if wish.before else public_address(wish)
        elif wish.token == ACCOUNT:
            told["email"] = f"{told['accountId']}@{told['project']}.iam.gserviceaccount.com"
            told["name"] = f"projects/{told['project']}/serviceAccounts/{told['email']}"
        elif wish.token == INSTANCE:
            told["currentStatus"] = "RUNNING"
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            told["creationTimestamp"] = wish.before.told["creationTimestamp"] if wish.before else now
            told["instanceId"] = wish.before.told["instanceId"] if wish.before else str(uuid4().int >> 65)
        return Thing(wish.token, wish.inputs, told, dict(wish.before.private) if wish.before else {})

    def comes_with(self, wish: Wish) -> dict[str, Thing]:
        """Return the disk of an instance."""
        if wish.token != INSTANCE:
            return {}
        return {_disk(wish.inputs): Thing("gcp:compute/disk:Disk", {}, {"name": wish.inputs["name"]})}

    async def begin(self, wish: Wish, thing: Thing) -> str:
        """Start an instance. What Google has no room for is not there afterwards."""
        if wish.token != INSTANCE or "hostKey" in thing.private:
            return ""
        name, zone = wish.inputs["name"], f"projects/{wish.inputs['project']}/zones/{wish.inputs['zone']}"
        if name in wish.now.no_room_for:
            raise ProviderError(
                f"1 error occurred:\n\t* Error waiting for instance to create: The zone '{zone}' does not have enough "
                "resources available to fulfill the request.  Try a different zone, or try again later."
            )
        try:
            thing.private["hostKey"] = await self.machines.start(new_instance(wish))
        except MachineError as error:
            # Google itself would leave the instance there, and say nothing of it.
            raise ProviderError(f"{name} has not published its host key: {error}") from error
        thing.private["began"] = time.time()
        return ""

    async def end(self, id: str, thing: Thing) -> None:
        """Throw the host of an instance away."""
        if thing.token == INSTANCE:
            await self.machines.erase(thing.inputs["name"])

    async def invoke(self, token: str, arguments: Properties) -> Properties:
        """Answer for an instance's console and its guest attributes, and for a subnet that exists."""
        asked, things = plain(arguments), self.clouds.things(self.name)
        if token == _SUBNET:
            id = str(asked["selfLink"]).removeprefix(_LINK)
        elif token in (_GUEST, _CONSOLE):
            name = asked["name"] if token == _GUEST else asked["instance"]
            id = self.identifier(KINDS[INSTANCE], {**asked, "name": name})
        else:
            raise ProviderError(f"{token} is not implemented by this stand-in")
        if id not in things:
            raise google_error("reading", 404, f"The resource '{id}' was not found", "notFound")
        thing = things[id]
        if token == _SUBNET:
            return {**thing.told, "id": id}
        return self._of_instance(token, asked, id, thing)

    def _of_instance(self, token: str, asked: Mapping[str, Any], id: str, thing: Thing) -> Properties:
        now, name = self.clouds.circumstances(), thing.inputs["name"]
        fails = now.scripts_fail.get(name)
        booted = name not in now.never_boots and time.time() - thing.private["began"] >= now.seconds_to_boot
        published = booted and not fails
        if token == _CONSOLE:
            said = "".join(f"startup-script: {line}\n" for line in (fails, PUBLISHED if published else "") if line)
            return {**asked, "contents": f"Booting\n{said if booted else ''}", "id": id}
        if not published:
            path = f"{id}/guestAttributes"
            raise google_error("reading guest attributes", 404, f"The resource '{path}' was not found", "notFound")
        kind, _, value = thing.private["hostKey"].partition(" ")
        values = [{"namespace": "hostkeys", "key": kind, "value": value}]
        return {**asked, "id": id, "queryValues": values, "variableValue": ""}


def _word(token: str) -> str:
    return _WORDS.get(token, token.rpartition(":")[2])


def _disk(inputs: Mapping[str, Any]) -> str:
    return f"projects/{inputs['project']}/zones/{inputs['zone']}/disks/{inputs['name']}"


def _references(wish: Wish) -> list[tuple[str, str]]:
    """Return what a request refers to: its identifier here, and as it is written."""
    found = [(text, text) for text in strings(wish.inputs) if text.startswith("projects/") and _is_network(text)]
    if wish.token == NAT:
        said = wish.inputs
        router = f"projects/{said['project']}/regions/{said['region']}/routers/{said['router']}"
        found.append((router, router))
    account = wish.inputs.get("serviceAccount", {}).get("email", "")
    name, _, domain = account.partition("@")
    if domain:
        found.append((f"projects/{domain.partition('.')[0]}/serviceAccounts/{name}", account))
    return found


def _is_network(text: str) -> bool:
    return "/networks/" in text or "/subnetworks/" in text
