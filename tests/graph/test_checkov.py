"""What is thought unsafe in a cloud is not in the example stacks, but for what is known, and is found where it is."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from tests.graph import arm, checkov, terraform
from tests.graph.conftest import PROJECT, Deploy
from tests.graph.test_requests import GCE_STACKS

Document = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """A check that fails, and is right to be left so."""

    wants: str
    of: tuple[str, ...]
    """Names of the machines."""
    why: str


MACHINES = ("cp1", "lin1", "win1", "win2")
WINDOWS = ("win1", "win2")
KNOWN = {
    "CKV_AZURE_50": Known(
        "no extensions on a machine",
        MACHINES,
        "the run command that opens SSH and tells the host key is one; whoever may write in the subscription has a "
        "way in by it",
    ),
    "CKV_AZURE_178": Known(
        "an SSH key in the profile of Linux", WINDOWS, "Windows has no such profile; a false positive"
    ),
    "CKV_GCP_38": Known(
        "disks with a key of one's own", MACHINES, "Google encrypts all disks; name a key of your own in `kmsKey`"
    ),
    "CKV_GCP_40": Known(
        "no public address",
        ("cp1",),
        "the machine that all others are reached through; closed but to adminCidrs, and without one where "
        "`publicControlPlane` is false",
    ),
}
AZURE, GCE = "azure", "gce"
CHECKS = {AZURE: "AZURE", GCE: "GCP"}


def example(name: str) -> dict[str, Any]:
    """Return the values of an example of a stack file, but for the login, which is of the tests."""
    text = (PROJECT / f"config/Pulumi.{name}.yaml").read_text(encoding="utf-8")
    values = {key.removeprefix("casement:"): value for key, value in yaml.safe_load(text)["config"].items()}
    del values["ssh"]
    return values


def one(document: Document, kind: str, name: str) -> Any:
    """Return what a document asks of a resource, to be changed."""
    if "resource_changes" not in document:
        (found,) = (each for each in document["resources"] if (each["type"], each["name"]) == (kind, name))
        return found["properties"]
    (found,) = (
        each for each in document["planned_values"]["root_module"]["resources"] if each["address"] == f"{kind}.{name}"
    )
    return found["values"]


def azure_rule(document: Document) -> Any:
    rules = one(document, "Microsoft.Network/networkSecurityGroups", "kubernetes-nodes")["securityRules"]
    (found,) = (each["properties"] for each in rules if each["name"] == "ssh-from-admins")
    return found


def open_azure(document: Document) -> None:
    azure_rule(document)["sourceAddressPrefixes"] = ["*"]


def unencrypted_azure(document: Document) -> None:
    one(document, "Microsoft.Compute/virtualMachines", "win1")["securityProfile"]["encryptionAtHost"] = False


def password_azure(document: Document) -> None:
    profile = one(document, "Microsoft.Compute/virtualMachines", "lin1")["osProfile"]["linuxConfiguration"]
    profile["disablePasswordAuthentication"] = False


def open_google(document: Document) -> None:
    one(document, "google_compute_firewall", "casement-ssh-from-admins")["source_ranges"] = ["0.0.0.0/0"]


def serial_google(document: Document) -> None:
    one(document, "google_compute_instance", "win1")["metadata"]["serial-port-enable"] = "TRUE"


def unshielded_google(document: Document) -> None:
    (shielded,) = one(document, "google_compute_instance", "win1")["shielded_instance_config"]
    shielded["enable_vtpm"] = False


MISTAKES: dict[str, tuple[str, Callable[[Document], None], str, str]] = {
    "ssh-for-all": (AZURE, open_azure, "CKV_AZURE_10", "Microsoft.Network/networkSecurityGroups.kubernetes-nodes"),
    "disk": (AZURE, unencrypted_azure, "CKV_AZURE_151", "Microsoft.Compute/virtualMachines.win1"),
    "password": (AZURE, password_azure, "CKV_AZURE_1", "Microsoft.Compute/virtualMachines.lin1"),
    "ssh-for-all-google": (GCE, open_google, "CKV_GCP_2", "google_compute_firewall.casement-ssh-from-admins"),
    "serial-port": (GCE, serial_google, "CKV_GCP_35", "google_compute_instance.win1"),
    "unshielded": (GCE, unshielded_google, "CKV_GCP_39", "google_compute_instance.win1"),
}


@pytest.fixture(scope="module")
def report(deploy: Deploy, tmp_path_factory: pytest.TempPathFactory) -> checkov.Report:
    """Return what Checkov says of the examples, and of them with one mistake each, in one run."""
    documents: dict[str, Document] = {
        AZURE: arm.template(deploy(**example(AZURE)).resources.values()),
        GCE: terraform.plan(deploy(**example(GCE)).resources.values()),
        "gce-closed": terraform.plan(deploy(**GCE_STACKS[1]).resources.values()),
    }
    for name, (of, make, _, _) in MISTAKES.items():
        documents[name] = deepcopy(documents[of])
        make(documents[name])
        for each in documents[name].get("resource_changes", []):
            each["change"]["after"] = one(documents[name], each["type"], each["name"])
    return checkov.checked(documents, tmp_path_factory.mktemp("documents"))


def test_every_document_is_read(report: checkov.Report) -> None:
    assert report.not_read == ()
    assert {each.document for each in report.passed} == {AZURE, GCE, "gce-closed", *MISTAKES}
    looked_at = {each.resource.rpartition(".")[2] for each in report.passed if each.document == AZURE}
    assert looked_at >= {*MACHINES, "kubernetes-nodes"}


def test_no_check_fails_but_those_that_are_known(report: checkov.Report) -> None:
    for cloud in (AZURE, GCE):
        failed = {(each.check, each.resource.rpartition(".")[2]) for each in report.failed if each.document == cloud}
        known = {(check, name) for check, it in KNOWN.items() if f"_{CHECKS[cloud]}_" in check for name in it.of}
        assert failed == known


def test_with_a_key_of_ones_own_and_no_public_address_no_check_of_google_fails(report: checkov.Report) -> None:
    assert [each for each in report.failed if each.document == "gce-closed"] == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found(report: checkov.Report, mistake: str) -> None:
    of, _, check, resource = MISTAKES[mistake]
    new = {(each.check, each.resource) for each in report.failed if each.document == mistake}
    old = {(each.check, each.resource) for each in report.failed if each.document == of}
    assert (check, resource) in new - old


def test_what_is_known_stands_in_the_documentation() -> None:
    text = (PROJECT / "docs/clouds.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| CKV")]
    assert rows == [f"| {check} | {it.wants} | {', '.join(it.of)} | {it.why} |" for check, it in KNOWN.items()]
