"""Rules about machines in clouds that hold for every cloud; what only one asks for is in a module of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from config.problems import Problem, shown
from config.settings import AzureCloud, GceCloud, Settings, Source
from config.sizes import MEMORY_MIN, VCPUS_MIN, Size
from config.sources import CLOUDS, CloudNode, cloud_nodes, cloud_of, clouds, reserved
from config.ssh import located_nodes

SHORTEST_ADMIN_PREFIX = 8
DISK_MIN = {"linux": 30, "windows": 64}
"""In GiB: what the usual images need, and images of containers with them."""
DISK_MAX = 2048
"""In GiB, of a disk that a machine starts from (Azure 2 TiB, Google's MBR images the same)."""


def every_cloud_is_described(settings: Settings) -> Iterator[Problem]:
    """A machine cannot be made of a word."""
    missing: dict[Source, str] = {}
    for located in located_nodes(settings):
        source = settings.source_of(located.node)
        if source in CLOUDS and cloud_of(settings, located.node) is None:
            missing.setdefault(source, f"{located.key}.source" if located.node.source else "source")
    for source, key in missing.items():
        rule = f"machines are to come from {source}, but the stack file says nothing about it"
        yield Problem(key, source, rule, f"add `{source}:`; config/Pulumi.{source}.yaml shows how")


def machines_that_exist_have_no_shape(settings: Settings) -> Iterator[Problem]:
    """Whoever writes a size expects to get it."""
    for located in located_nodes(settings):
        if settings.source_of(located.node) != "onPremises":
            continue
        for name in ("pool", "machine"):
            value = getattr(located.node, name)
            if value is not None:
                said = value if name == "pool" else value.model_dump(by_alias=True, exclude_none=True)
                rule = "is about machines that a cloud makes; this one exists already (source onPremises)"
                yield Problem(f"{located.key}.{name}", shown(said), rule, "leave it out, or set source to azure or gce")


def pools_are_known(settings: Settings) -> Iterator[Problem]:
    """A pool that is misspelt would give a machine of the usual kind."""
    for source, cloud in clouds(settings):
        names = [pool.name for pool in cloud.pools]
        for position, name in enumerate(names):
            if name in names[:position]:
                rule = f"is the same as {source}.pools[{names.index(name)}].name"
                yield Problem(f"{source}.pools[{position}].name", name, rule, "give each pool its own name")
    for each in cloud_nodes(settings):
        known = [pool.name for pool in each.cloud.pools]
        if each.node.pool is not None and each.node.pool not in known:
            remedy = f"name one of {', '.join(known)}" if known else "add it to the pools of that cloud"
            yield Problem(f"{each.key}.pool", each.node.pool, "there is no such pool", remedy)


def admins_are_not_everybody(settings: Settings) -> Iterator[Problem]:
    """SSH and an API server that are open to the internet are found within minutes."""
    for source, cloud in clouds(settings):
        key = f"{source}.adminCidrs"
        if not cloud.admin_cidrs:
            rule = "must name at least one range: nobody could reach the machines"
            yield Problem(key, "[]", rule, "write the range that you work from, as in 203.0.113.0/24")
        for position, cidr in enumerate(cloud.admin_cidrs):
            if cidr.prefixlen < SHORTEST_ADMIN_PREFIX and not cloud.allow_open_access:
                rule = f"is more than a /{SHORTEST_ADMIN_PREFIX}: SSH and the API server would be open to the internet"
                remedy = f"write the ranges that you work from; or set {source}.allowOpenAccess, if that is meant"
                yield Problem(f"{key}[{position}]", str(cidr), rule, remedy)


def one_network_is_given(settings: Settings) -> Iterator[Problem]:
    """It is made, or it exists."""
    for source, cloud in clouds(settings):
        if (cloud.subnet_cidr is None) == (cloud.existing_subnet is None):
            rule = "give this for a network that is made, or existingSubnet for one that exists: one of them, not both"
            value = str(cloud.subnet_cidr) if cloud.subnet_cidr else "(not given)"
            yield Problem(f"{source}.subnetCidr", value, rule, "write a free range, as in 10.240.0.0/24")
        elif cloud.subnet_cidr and not any(cloud.subnet_cidr.subnet_of(cidr) for cidr in settings.node_cidrs):
            rule = "must lie in nodeCidrs: the nodes' own firewalls let in those only"
            yield Problem(f"{source}.subnetCidr", str(cloud.subnet_cidr), rule, "add the range to nodeCidrs")


def addresses_are_free_in_their_network(settings: Settings) -> Iterator[Problem]:
    """The address of a machine is planned here, and the cloud keeps some for itself."""
    for each in cloud_nodes(settings):
        subnet, address = each.cloud.subnet_cidr, getattr(each.node, "address", None)
        if subnet is None or address is None:
            continue
        key = f"{each.key}.{'managementIp' if each.node.os == 'windows' else 'address'}"
        first, last = reserved(each.cloud)
        lowest, highest = subnet.network_address + first, subnet.broadcast_address - last
        if not lowest <= address <= highest:
            rule = f"must lie in subnetCidr {subnet}, of which the cloud keeps the first {first} and the last {last}"
            yield Problem(key, str(address), rule, f"choose one from {lowest} to {highest}")


def the_control_plane_stays(settings: Settings) -> Iterator[Problem]:
    """The cluster ends with it."""
    for each in cloud_nodes(settings):
        if each.key == "controlPlane" and each.shape.spot:
            rule = "cannot be true for the control plane: the cloud would take the cluster away with it"
            remedy = "set controlPlane.machine.spot to false, or say spot in a pool of workers"
            yield Problem(each.where("spot"), "true", rule, remedy)


def machines_are_new(settings: Settings) -> Iterator[Problem]:
    """What is made now cannot have a past."""
    for each in cloud_nodes(settings):
        for name in ("existing", "adopt"):
            if getattr(each.node, name, False):
                rule = "cannot be true for a machine that a cloud makes: there is nothing on it yet"
                remedy = f"leave it out, or set {each.key}.source to onPremises: the machine is then yours to provide"
                yield Problem(f"{each.key}.{name}", "true", rule, remedy)


def cloud_machines_decide_how_they_are_reached(settings: Settings) -> Iterator[Problem]:
    """User, address and host key of a machine are what it is made with."""
    for each in cloud_nodes(settings):
        for name in ("host", "user", "port", "host_key"):
            value = getattr(each.node.ssh, name, None)
            if value is not None:
                alias = type(each.node.ssh).model_fields[name].alias  # type: ignore[union-attr]  # it has a value
                rule = "is known of a machine that a cloud makes, and cannot be chosen here"
                remedy = "leave it out; adminUser of the cloud names the user" if name == "user" else "leave it out"
                yield Problem(f"{each.key}.ssh.{alias}", shown(value), rule, remedy)


def no_user_is_named_like_its_machine(settings: Settings) -> Iterator[Problem]:
    """Windows makes no such user."""
    for each in cloud_nodes(settings):
        if each.node.os == "windows" and each.node.name == each.cloud.admin_user:
            rule = "is the name of the administrator too (adminUser), and Windows has no user named like its computer"
            yield Problem(
                f"{each.key}.name", each.node.name, rule, f"write {each.node.name[:14]}1, or another adminUser"
            )


def machines_are_one_jump_away(settings: Settings) -> Iterator[Problem]:
    """A cloud's workers are reached through the control plane's machine, if no other one is named for them."""
    own = settings.control_plane.ssh.jump_host if settings.control_plane.ssh else None
    if own is None or settings.ssh.jump_host is not None:
        return
    for each in cloud_nodes(settings):
        if each.key != "controlPlane" and (each.node.ssh is None or each.node.ssh.jump_host is None):
            rule = "this machine is reached through the control plane's, which is reached through another one itself"
            remedy = "name the jump host for all nodes, as ssh.jumpHost"
            yield Problem(f"{each.key}.ssh.jumpHost", "(not given)", rule, remedy)


def disks_are_large_enough(settings: Settings) -> Iterator[Problem]:
    """A node whose disk is full puts its pods out."""
    for each in cloud_nodes(settings):
        least, gib = DISK_MIN[each.node.os], each.shape.disk_gib
        if gib is not None and not least <= gib <= DISK_MAX:
            rule = f"must be {least} to {DISK_MAX} GiB for {each.node.os}: system, images and logs are on it"
            yield Problem(each.where("disk_gib"), str(gib), rule, f"write {2 * least}")


def images_are_given(settings: Settings) -> Iterator[Problem]:
    """Which version is tried and tested is not for this program to say."""
    for each in cloud_nodes(settings):
        if each.shape.image is None:
            rule = "an image must be named, in one version, so that a machine made tomorrow is like that of today"
            source = "azure" if isinstance(each.cloud, AzureCloud) else "gce"
            remedy = f"config/Pulumi.{source}.yaml shows which, and the command that lists their versions"
            yield Problem(each.where("image"), "(not given)", rule, remedy)


def size_problems(
    each: CloudNode, size: Size | None, proposal: str, extra: Callable[[Size], str | None]
) -> Iterator[Problem]:
    """Yield what is wrong with a machine's size; ``extra`` says what else its cloud finds, or None."""
    name, key = str(each.shape.size), each.where("size")
    remedy = f"write {proposal}, or another one of that series"
    if size is None:
        yield Problem(key, name, "is not the name of a size", remedy)
    elif size.arm:
        rule = "has ARM processors, for which Windows Server and the programs pinned here are not made"
        yield Problem(key, name, rule, remedy)
    elif size.vcpus < VCPUS_MIN or (size.memory_gib is not None and size.memory_gib < MEMORY_MIN):
        rule = f"is too small: a node needs {VCPUS_MIN} vCPUs and {MEMORY_MIN} GiB of memory"
        yield Problem(key, name, rule, remedy)
    else:
        fault = extra(size)
        if fault:
            yield Problem(key, name, fault, remedy)


def disk_type_problems(
    settings: Settings, kind: type[AzureCloud | GceCloud], types: Sequence[str]
) -> Iterator[Problem]:
    """Yield the machines of a cloud whose disk is none of these types; the first is proposed."""
    for each in cloud_nodes(settings, kind):
        if each.shape.disk_type not in types:
            rule = f"must be one of {', '.join(types)}"
            yield Problem(each.where("disk_type"), str(each.shape.disk_type), rule, f"write {types[0]}")


def all_labels(settings: Settings, key: str, cloud: AzureCloud | GceCloud) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the labels that a cloud's machines have in common, under its key, and those of each machine."""
    yield f"{key}.labels", cloud.labels
    for each in cloud_nodes(settings, type(cloud)):
        yield f"{each.key}.machine.labels", each.shape.labels or {}
