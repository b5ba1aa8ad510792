"""All rules together: a right configuration has no problem, a wrong one has all its problems told at once."""

from __future__ import annotations

import pytest

from config.problems import ConfigurationError
from tests.unit.example_site import Site


def test_a_right_configuration_has_no_problem(site: Site) -> None:
    assert site.parse().settings.windows_nodes[1].name == "win2"


MISTAKES = {
    "podCidr": "10.244.0.1/16",
    "vni": 1,
    "vxlanPort": 8472,
    "dnsAddress": "10.1.2.3",
    "networkNane": "vxlan0",
    "mtu": "large",
    "mirror": "mirror",
    "clusterDomain": "-",
    "linuxWorkers": [{"name": "LIN1", "address": "10.77.0.12"}, {"name": "lin2", "address": "10.77.0.300"}],
    "versions": {"kubernetes": 1.36, "pause": "3.9"},
}


def test_a_file_with_twelve_different_mistakes_has_all_twelve_told_at_once(site: Site) -> None:
    windows = site.windows(networkMode="l2bridge")
    problems = site.problems(**MISTAKES, windowsNodes=windows)
    assert set(problems) == {
        "podCidr",
        "vni",
        "vxlanPort",
        "dnsAddress",
        "networkNane",
        "mtu",
        "mirror",
        "clusterDomain",
        "linuxWorkers[0].name",
        "linuxWorkers[1].address",
        "versions.kubernetes",
        "versions.pause",
        "windowsNodes[0].networkMode",
    }
    assert "did you mean networkName?" in problems["networkNane"].remedy


def test_the_error_lists_key_value_rule_and_remedy_of_every_problem(site: Site) -> None:
    with pytest.raises(ConfigurationError) as raised:
        site.parse(**MISTAKES)
    text = str(raised.value)
    plain = " ".join(text.split())
    assert text.startswith("The configuration has 12 problems; nothing was changed on any machine.\n")
    for problem in raised.value.problems:
        for part in (problem.key, problem.value, problem.rule, problem.remedy):
            assert part in plain
    assert max(map(len, text.splitlines())) <= 120
