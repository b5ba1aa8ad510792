"""Rules about machines on Google Compute Engine."""

from __future__ import annotations

from typing import Any

import pytest

from config.sizes import gce_size
from tests.unit.cloud_site import GCE, NODES, gce_values
from tests.unit.example_site import Site


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [
        ("project", "My Project", "gcloud projects list"),
        ("region", "europe-west4-a", "europe-west4"),
        ("serviceAccount", "me@example.com", "service-accounts list"),
        ("serviceAccount", "123-compute@developer.gserviceaccount.com", "without rights"),
        ("kmsKey", "disks", "gcloud kms keys list"),
        ("networkMtu", 9000, "1500"),
        ("labels", {"Project": "x"}, "correct them"),
        ("adminUser", "administrator", "casement"),
    ],
)
def test_what_google_would_refuse_is_refused_before(site: Site, key: str, value: object, remedy: str) -> None:
    problems = [each for each in site.listed(**gce_values(**{key: value})) if each.key == f"gce.{key}"]
    assert remedy in problems[0].remedy


def test_a_subnet_that_exists_is_named_with_project_and_region(site: Site) -> None:
    problem = site.only_problem(**gce_values(subnetCidr=None, existingSubnet="nodes"))
    assert problem.key == "gce.existingSubnet"
    assert "subnets list" in problem.remedy


def changed(**changes: object) -> dict[str, Any]:
    first, *others = NODES["windowsNodes"]
    return gce_values() | {"windowsNodes": [{**first, **changes}, *others]}


@pytest.mark.parametrize(
    ("machine", "rule"),
    [
        ({"zone": "europe-west1-b"}, "zone of region europe-west4"),
        ({"image": "windows-cloud/windows-2025-core"}, "never a family"),
        ({"image": "windows-2025"}, "PROJECT/IMAGE"),
        ({"size": "n5"}, "not the name of a size"),
        ({"size": "e2-standard"}, "not the name of a size"),
        ({"size": "t2a-standard-4"}, "ARM"),
        ({"size": "e2-small"}, "too small"),
        ({"size": "n2-custom-2-2048"}, "too small"),
        ({"size": "n4-standard-4"}, "hyperdisk-balanced only"),
        ({"size": "e2-standard-4", "diskType": "hyperdisk-balanced"}, "pd-balanced and pd-ssd"),
        ({"diskType": "local-ssd"}, "must be one of"),
    ],
)
def test_a_machine_that_cannot_be_made_so_is_refused(site: Site, machine: dict[str, Any], rule: str) -> None:
    problem = site.only_problem(**changed(machine=machine))
    assert problem.key == f"windowsNodes[0].machine.{next(iter(machine))}"
    assert rule in problem.rule
    assert problem.remedy


def test_a_machine_must_be_in_a_zone(site: Site) -> None:
    linux = {key: value for key, value in GCE["linux"].items() if key != "zone"}
    problems = site.problems(**gce_values(linux=linux))
    assert set(problems) == {"gce.linux.zone"}
    assert "gcloud compute zones list" in problems["gce.linux.zone"].remedy


def test_names_on_google_begin_with_a_letter(site: Site) -> None:
    problem = site.only_problem(**changed(name="1win"))
    assert (problem.key, problem.remedy) == ("windowsNodes[0].name", "write n1win")
    problem = site.only_problem(**gce_values() | {"clusterName": "1st"})
    assert (problem.key, problem.remedy) == ("clusterName", "write a name such as casement")


def test_the_name_of_a_machine_type_tells_what_it_counts_as() -> None:
    found = {name: gce_size(name) for name in ("e2-standard-2", "n2d-highmem-4", "n2-custom-4-10240", "e2-medium")}
    assert {name: (size.vcpus, size.memory_gib, size.quota) for name, size in found.items() if size} == {
        "e2-standard-2": (2, 8.0, "CPUS"),
        "n2d-highmem-4": (4, 32.0, "N2D_CPUS"),
        "n2-custom-4-10240": (4, 10.0, "N2_CPUS"),
        "e2-medium": (2, 4.0, "CPUS"),
    }
