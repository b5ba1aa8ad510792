"""What a running cluster does not become: refused with key, value, rule and remedy."""

from __future__ import annotations

from typing import Any

import pytest

from plan.identity import changes_of_what_is_made_once, identity, moves, replacements
from plan.linux_node import initialisation
from plan.shells import standard_input
from tests.unit.example_site import Site


def given(site: Site, **changes: Any) -> str:
    (step,) = initialisation(site.parse(**changes).settings)
    return standard_input(step.parameters, "linux")


def where(site: Site, **control_plane: Any) -> dict[str, Any]:
    head = {**site.values()["controlPlane"], **control_plane}
    return identity(site.parse(controlPlane=head).settings)


@pytest.mark.parametrize(
    ("key", "changes", "after", "before"),
    [
        ("podCidr", {"podCidr": "10.200.0.0/16"}, "10.200.0.0/16", "10.244.0.0/16"),
        ("clusterDomain", {"clusterDomain": "k8s.example"}, "k8s.example", "cluster.local"),
        ("dnsAddress", {"dnsAddress": "10.96.0.11"}, "10.96.0.11", "10.96.0.10"),
        ("nodePrefixLength", {"nodePrefixLength": 23}, "23", "24"),
    ],
)
def test_what_kubeadm_reads_once_is_refused(
    site: Site, key: str, changes: dict[str, Any], after: str, before: str
) -> None:
    (problem,) = changes_of_what_is_made_once(given(site), given(site, **changes))
    assert (problem.key, problem.value) == (key, after)
    assert problem.rule.endswith(before)
    assert problem.remedy.startswith(f"write {before}; for another value make another cluster")


def test_another_service_range_is_refused_with_the_dns_address_in_it(site: Site) -> None:
    changed = given(site, serviceCidr="10.112.0.0/16", dnsAddress="10.112.0.10")
    found = changes_of_what_is_made_once(given(site), changed)
    assert {problem.key for problem in found} == {"serviceCidr", "dnsAddress"}


def test_another_endpoint_or_address_of_the_control_plane_is_refused(site: Site) -> None:
    head = site.values()["controlPlane"] | {"endpoint": "api.example.com:6443"}
    (problem,) = changes_of_what_is_made_once(given(site), given(site, controlPlane=head))
    assert (problem.key, problem.value) == ("controlPlane.endpoint", "api.example.com:6443")
    moved = given(site).replace("advertiseAddress: 10.77.0.11", "advertiseAddress: 10.77.0.99")
    (problem,) = changes_of_what_is_made_once(given(site), moved)
    assert (problem.key, problem.value) == ("controlPlane.address", "10.77.0.99")


def test_what_may_change_is_not_refused(site: Site) -> None:
    changed = given(site, vni=4097, podsPerNode=100)
    assert changed != given(site)
    assert not list(changes_of_what_is_made_once(given(site), changed))


def test_the_control_plane_is_replaced_with_the_word_for_it_and_not_without(site: Site) -> None:
    (problem,) = replacements(where(site), where(site, name="cp2"))
    assert (problem.key, problem.value) == ("controlPlane.name", "cp2")
    assert "controlPlane.replaces: cp1" in problem.remedy
    assert not list(replacements(where(site), where(site, name="cp2", replaces="cp1")))
    assert list(replacements(where(site), where(site, name="cp3", replaces="cp2"))), "a word for another one"


def test_a_control_plane_that_others_made_does_not_end(site: Site) -> None:
    assert not list(replacements(where(site, existing=True), where(site, name="cp2", existing=True)))
    (problem,) = replacements(where(site), where(site, existing=True))
    assert (problem.key, problem.remedy) == ("controlPlane.existing", "write false")


def test_another_machine_of_the_same_name_is_refused(site: Site) -> None:
    old = where(site)
    (problem,) = replacements(old, {**old, "source": "azure"})
    assert problem.key == "controlPlane.source"
    assert problem.remedy.startswith("write onPremises; ")


def test_a_worker_does_not_become_a_machine_from_elsewhere(site: Site) -> None:
    old = where(site)
    moved = {**old, "workers": {**old["workers"], "win1": "gce"}}
    (problem,) = moves(old, moved)
    assert (problem.key, problem.value) == ("source of win1", "gce")
    assert problem.remedy.startswith("take the node out of the file, run `pulumi up`")
    gone = {name: source for name, source in old["workers"].items() if name != "win1"}
    assert not list(moves({**old, "workers": gone}, moved)), "a new one may come from anywhere"
    assert not list(moves(old, {**old, "workers": gone}))


def test_a_stack_without_an_identity_has_nothing_to_compare_with(site: Site) -> None:
    assert not list(replacements({}, where(site)))
    assert not list(moves({}, where(site)))
    assert not list(replacements(where(site), where(site)))
