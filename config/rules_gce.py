"""Rules about machines on Google Compute Engine. Names and limits are those of the API compute v1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from config.problems import Problem, shown
from config.rules_clouds import all_labels, disk_type_problems, size_problems
from config.settings import GceCloud, Settings
from config.sizes import Size, gce_size
from config.sources import CloudNode, cloud_nodes, nodes_of

DISK_TYPES = ("pd-balanced", "pd-ssd", "hyperdisk-balanced")
MTU_MIN, MTU_MAX = 1300, 8896
NAME_MAX = 24
"""Of the cluster on Google: the name of its service account begins with it, and has at most 30 characters."""
_PROJECT = re.compile(r"[a-z][-a-z0-9]{4,28}[a-z0-9]")
_REGION = re.compile(r"[a-z]+-[a-z]+[0-9]+")
_NAME = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_SUBNET = re.compile(r"projects/[^/]+/regions/[^/]+/subnetworks/[^/]+")
_ACCOUNT = re.compile(r"[-a-z0-9]+@[-a-z0-9.:]+\.gserviceaccount\.com")
_KMS_KEY = re.compile(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+")
_IMAGE = re.compile(r"[-a-z0-9.:]+/[a-z](?:[-a-z0-9]*[a-z0-9])?")
_PUBLIC_IMAGE = re.compile(r"(?:ubuntu-os-cloud|windows-cloud|debian-cloud)/.*-v\d{8}[a-z]?")
_PUBLIC_PROJECTS = ("ubuntu-os-cloud/", "windows-cloud/", "debian-cloud/")
_USER = re.compile(r"[a-z][-a-z0-9_]{0,19}")
_USERS_TAKEN = ("administrator", "root", "guest", "system", "defaultaccount")
_LABEL_NAME = re.compile(r"[a-z][-a-z0-9_]{0,62}")
_LABEL_VALUE = re.compile(r"[-a-z0-9_]{0,63}")
LABELS_MAX = 64


def names_are_googles(settings: Settings) -> Iterator[Problem]:
    """What the API would refuse after half of everything is made."""
    gce = settings.gce
    if gce is None:
        return
    for key, value, pattern, rule, remedy in (
        ("project", gce.project, _PROJECT, "must be a project's ID", "`gcloud projects list` shows it"),
        ("region", gce.region, _REGION, "must be a region", "`gcloud compute regions list`; write it as europe-west4"),
        (
            "existingSubnet",
            gce.existing_subnet,
            _SUBNET,
            "must be projects/P/regions/R/subnetworks/NAME",
            "`gcloud compute networks subnets list --uri` shows it",
        ),
        (
            "serviceAccount",
            gce.service_account,
            _ACCOUNT,
            "must be a service account of your own",
            "`gcloud iam service-accounts list` shows them; left out, one without rights is made",
        ),
        (
            "kmsKey",
            gce.kms_key,
            _KMS_KEY,
            "must be projects/P/locations/L/keyRings/R/cryptoKeys/K",
            "`gcloud kms keys list` shows it",
        ),
    ):
        if value is not None and not pattern.fullmatch(value):
            yield Problem(f"gce.{key}", value or "(empty)", rule, remedy)


def the_default_account_is_not_used(settings: Settings) -> Iterator[Problem]:
    """It may change the whole project, and every pod could ask the machine for its token."""
    account = settings.gce.service_account if settings.gce else None
    if account is not None and account.endswith("-compute@developer.gserviceaccount.com"):
        rule = "is the project's default account, which may do far more than a node needs"
        yield Problem("gce.serviceAccount", account, rule, "leave it out: an account without rights is made")


def names_begin_with_a_letter(settings: Settings) -> Iterator[Problem]:
    """An instance is named after its node, and its network after the cluster."""
    for each in cloud_nodes(settings, GceCloud):
        if not _NAME.fullmatch(each.node.name):
            rule = "must begin with a letter: the instance has the same name"
            yield Problem(f"{each.key}.name", each.node.name, rule, f"write n{each.node.name}")
    name = settings.cluster_name
    if nodes_of(settings, "gce") and (not _NAME.fullmatch(name) or len(name) > NAME_MAX):
        rule = f"on Google, must be at most {NAME_MAX} lower-case letters, digits and hyphens, and begin with a letter"
        yield Problem("clusterName", name, rule, "write a name such as casement")


def users_are_allowed(settings: Settings) -> Iterator[Problem]:
    """The user is made; one that is there already would not be."""
    gce = settings.gce
    if gce is not None and (not _USER.fullmatch(gce.admin_user) or gce.admin_user in _USERS_TAKEN):
        rule = "must be 1 to 20 lower-case letters and digits, and no user that a system has by itself"
        yield Problem("gce.adminUser", gce.admin_user or "(empty)", rule, "leave it out for casement")


def zones_are_of_the_region(settings: Settings) -> Iterator[Problem]:
    """The subnet is in one region."""
    for each in cloud_nodes(settings, GceCloud):
        region, zone = settings.gce.region if settings.gce else "", each.shape.zone
        if zone is None or not re.fullmatch(rf"{re.escape(region)}-[a-z]", zone):
            rule = f"must be a zone of region {region}"
            remedy = f"`gcloud compute zones list` shows them; write it as {region}-b"
            yield Problem(each.where("zone"), zone or "(not given)", rule, remedy)


def images_are_pinned(settings: Settings) -> Iterator[Problem]:
    """A family is another image every month."""
    for each in cloud_nodes(settings, GceCloud):
        image = each.shape.image
        if image is None:
            continue
        family = image.startswith(_PUBLIC_PROJECTS) and not _PUBLIC_IMAGE.fullmatch(image)
        if family or not _IMAGE.fullmatch(image):
            rule = "must be PROJECT/IMAGE with an image's name, which ends in its date; never a family"
            remedy = "`gcloud compute images list --filter=family:FAMILY` shows the names"
            yield Problem(each.where("image"), image or "(empty)", rule, remedy)


def sizes_are_enough(settings: Settings) -> Iterator[Problem]:
    """Not every series takes every disk."""
    for each in cloud_nodes(settings, GceCloud):
        proposal = "e2-standard-2" if each.node.os == "linux" else "e2-standard-4"
        yield from size_problems(each, gce_size(str(each.shape.size)), proposal, partial(_lacks, each))


def _lacks(each: CloudNode, size: Size) -> str | None:
    disk = str(each.shape.disk_type)
    if size.hyperdisk_only and not disk.startswith("hyperdisk"):
        return f"takes no disks of type {disk}: this series has hyperdisk-balanced only"
    if not size.hyperdisk and disk.startswith("hyperdisk"):
        return f"takes no disks of type {disk}: this series has pd-balanced and pd-ssd"
    return None


def disk_types_are_googles(settings: Settings) -> Iterator[Problem]:
    """Systems start from these."""
    yield from disk_type_problems(settings, GceCloud, DISK_TYPES)


def the_network_mtu_is_possible(settings: Settings) -> Iterator[Problem]:
    """Google's limits."""
    gce = settings.gce
    if gce is not None and not MTU_MIN <= gce.network_mtu <= MTU_MAX:
        rule = f"must be from {MTU_MIN} to {MTU_MAX} bytes"
        yield Problem("gce.networkMtu", str(gce.network_mtu), rule, "leave it out for 1500")


def labels_are_labels(settings: Settings) -> Iterator[Problem]:
    """Google takes lower case only."""
    gce = settings.gce
    if gce is None:
        return
    for key, labels in all_labels(settings, "gce", gce):
        wrong = [
            f"{name}: {value}"
            for name, value in labels.items()
            if not _LABEL_NAME.fullmatch(name) or not _LABEL_VALUE.fullmatch(value)
        ]
        if wrong or len(labels) > LABELS_MAX:
            rule = f"at most {LABELS_MAX} labels of lower-case letters, digits, _ and -, names beginning with a letter"
            yield Problem(key, shown(wrong or list(labels)), rule, "correct them, or leave some out")
