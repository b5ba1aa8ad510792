"""What the policies read, without an engine; what each forbids is in tests/engine/test_policy.py."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from plan.cluster import plan_cluster
from plan.shells import standard_input
from plan.step import Step
from policy.checks.downloads import unpinned
from policy.checks.openings import open_to_the_world
from policy.checks.overlay import disagreements
from policy.checks.resource import COMMAND, Resource, SecretText, parameters
from policy.checks.secrets import plain
from tests.unit.example_site import Site

PACK = Path(__file__).resolve().parents[2] / "policy"


def command(stdin: str, name: str = "step") -> Resource:
    return Resource(COMMAND, name, {"stdin": stdin})


def steps(site: Site) -> list[tuple[Step, str]]:
    plan = plan_cluster(site.parse())
    head = [*plan.control_plane.making, *plan.upgrades[0].staging, *plan.verification]
    member, node = plan.windows_nodes[0].membership, plan.windows_nodes[0]
    windows = [*member.preparation, *member.joining, *node.networking, *node.services]
    return [*((step, "linux") for step in head), *((step, "windows") for step in windows)]


def test_what_a_step_is_given_is_read_back_whatever_shell_it_is_for(site: Site) -> None:
    for step, os in steps(site):
        found = parameters(command(standard_input(step.parameters, os)))  # type: ignore[arg-type]
        assert found.keys() == step.parameters.keys(), step.name
        for name, value in step.parameters.items():
            if isinstance(value, tuple):
                assert found[name] == list(value)
            elif not isinstance(value, bool):
                assert str(found[name]) == str(value)


@pytest.mark.parametrize("text", ["", "not JSON, isn't it", '"text"', "[1]", "no assignment at all"])
def test_another_text_has_no_parameters(text: str) -> None:
    assert parameters(command(text)) == {}


def test_the_programs_of_a_stack_are_seen_and_have_digests(site: Site) -> None:
    given = [command(standard_input(step.parameters, os)) for step, os in steps(site)]  # type: ignore[arg-type]
    assert not [sentence for each in given for sentence in unpinned(each)]
    digest = "0" * 64
    assert sum(digest in each.inputs["stdin"] for each in given) > 3
    without = [Resource(COMMAND, "step", {"stdin": each.inputs["stdin"].replace(digest, "")}) for each in given]
    assert len([sentence for each in without for sentence in unpinned(each)]) > 15


def test_the_network_of_a_stack_is_seen(site: Site) -> None:
    given = [
        command(standard_input(step.parameters, os), f"{os}-{step.name}")  # type: ignore[arg-type]
        for step, os in steps(site)
    ]
    assert not list(disagreements(given))
    found = {resource.name for resource, _ in disagreements([command("vni=5000\nvxlan_port=4790\n"), *given])}
    assert {"step", "windows-flannel-installed", "windows-flannel-started", "linux-cluster-verified"} <= found


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH "])
def test_a_private_key_is_known_in_base64_too(kind: str) -> None:
    key = f"-----BEGIN {kind}PRIVATE KEY-----\nMIIE\n"
    for text in (key, base64.b64encode(key.encode()).decode()):
        (sentence,) = plain(command(text))
        assert sentence.startswith("stdin holds a private key")
        assert not list(plain(command(SecretText(text))))
    assert not list(plain(command(base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIE\n").decode())))


@pytest.mark.parametrize(
    ("source", "ports", "found"),
    [
        ("0.0.0.0/0", "22", True),
        ("::/0", "20-25", True),
        ("Internet", "*", True),
        ("0.0.0.0/1", "22", True),
        ("10.0.0.0/8", "22", False),
        ("VirtualNetwork", "22", False),
        ("*", "443", False),
        ("*", "23-3388", False),
    ],
)
def test_the_world_is_known_by_any_of_its_names(source: str, ports: str, found: bool) -> None:
    rule = {"direction": "Inbound", "access": "Allow", "protocol": "Tcp", "destinationPortRanges": [ports]}
    resource = Resource("azure-native:network:SecurityRule", "rule", {**rule, "sourceAddressPrefixes": [source]})
    assert bool(list(open_to_the_world(resource))) is found


def test_the_pack_runs_on_the_pulumi_of_the_program_and_its_page_names_each_policy() -> None:
    def pinned(file: Path) -> list[str]:
        return re.findall(r"^pulumi==(\S+)$", file.read_text(), re.MULTILINE)

    assert pinned(PACK / "requirements.txt") == pinned(PACK.parent / "requirements.txt") != []
    names = set(re.findall(r'_(?:each|all)\(\s*"([a-z-]+)"', (PACK / "__main__.py").read_text()))
    page = (PACK.parent / "docs/policies.md").read_text()
    assert names == set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))
    assert len(names) > 6
