"""The cluster as people are shown it: a table of its nodes, and a picture.

``CASEMENT_GOLDEN=write`` draws docs/pictures/cluster.svg anew; look at it before it is committed.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from config.settings import Settings
from config.stackfile import read_stack_file
from plan.diagram import diagram
from plan.overview import members, nodes_table
from tests.unit.cloud_site import azure_values, gce_values
from tests.unit.example_site import VALUES

PROJECT = Path(__file__).resolve().parents[2]
PICTURE = PROJECT / "docs/pictures/cluster.svg"
SVG = "{http://www.w3.org/2000/svg}"
LINUX = {"system": "debian 12", "build": "6.1.0-41-amd64"}
WINDOWS = {"system": "Microsoft Windows Server 2025 Datacenter", "build": "26100", "revision": 6899}
Box = tuple[float, float, float, float]


def site(**changes: object) -> Settings:
    return Settings.model_validate({**VALUES, **changes})


def large(count: int) -> Settings:
    """Return a cluster of so many nodes, a third of them Linux, some of the names as long as they may be."""
    linux = [
        {"name": f"lin{index}" + "-is-a-long-name" * (index % 2), "address": f"10.77.1.{index}"}
        for index in range(count // 3)
    ]
    windows = [
        {"name": f"windows-node{index:03}", "managementIp": f"10.77.2.{index}"}
        for index in range(count - len(linux) - 1)
    ]
    return site(nodeCidrs=["10.77.0.0/16"], linuxWorkers=linux, windowsNodes=windows)


def facts_of(settings: Settings) -> dict[str, Any]:
    return {node.name: LINUX if node.os == "linux" else WINDOWS for node in settings.nodes}


def ranges_of(settings: Settings) -> dict[str, str]:
    return {node.name: f"10.244.{index}.0/24" for index, node in enumerate(settings.nodes)}


def drawn(settings: Settings, pod_ranges: Mapping[str, str] | None = None) -> str:
    ranges = ranges_of(settings) if pod_ranges is None else pod_ranges
    return diagram(settings, members(settings, facts_of(settings), ranges))


def cards(text: str) -> dict[str, ElementTree.Element]:
    """Return the nodes of a picture by name; each is there once."""
    groups = [each for each in ElementTree.fromstring(text).iter(f"{SVG}g") if "node" in each.get("class", "").split()]
    found = {str(each.findtext(f"{SVG}title")).partition(":")[0]: each for each in groups}
    assert len(found) == len(groups)
    return found


def lines(card: ElementTree.Element) -> list[str]:
    return [str(each.text) for each in card.iter(f"{SVG}text")]


def place(rect: ElementTree.Element) -> Box:
    x, y, width, height = (float(rect.get(name, "nan")) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def within(inner: Box, outer: Box) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def apart(one: Box, other: Box) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize("count", [2, 3, 5, 20, 100])
def test_each_node_is_drawn_once_with_its_address_and_its_pods(count: int) -> None:
    settings = large(count)
    found = cards(drawn(settings))
    assert list(found) == [node.name for node in settings.nodes]
    for node in settings.nodes:
        assert str(node.address) in lines(found[node.name])
        assert f"pods {ranges_of(settings)[node.name]}" in lines(found[node.name])


@pytest.mark.parametrize("count", [2, 5, 100])
@pytest.mark.parametrize("more", [{}, {"nodeCidrs": [f"10.{index}.0.0/16" for index in range(20)]}])
def test_nothing_covers_anything_else_and_all_is_on_the_page(count: int, more: dict[str, Any]) -> None:
    settings = large(count).model_copy(update=site(**more).model_dump(include={"node_cidrs"}) if more else {})
    root = ElementTree.fromstring(drawn(settings))
    page = (0.0, 0.0, float(root.get("width", "nan")), float(root.get("height", "nan")))
    assert root.get("viewBox") == f"0 0 {page[2]:g} {page[3]:g}"
    boxes: dict[str, list[Box]] = {}
    for rect in root.iter(f"{SVG}rect"):
        boxes.setdefault(rect.get("class", ""), []).append(place(rect))
    assert boxes["page"] == [page]
    solid = [*boxes["card"], *boxes["vxlan"]]
    for one, other in itertools.combinations(solid, 2):
        assert apart(one, other)
    for one, other in itertools.combinations(boxes["place"], 2):
        assert apart(one, other)
    head, *workers = boxes["card"]
    assert all(apart(head, each) for each in boxes["place"])
    assert all(sum(within(worker, each) for each in boxes["place"]) == 1 for worker in workers)
    assert all(within(each, page) for each in (*solid, *boxes["place"]))
    # A hundred nodes fit on a large screen, letters unreduced.
    assert page[2] < 2000


def test_texts_keep_within_their_cards() -> None:
    for card in cards(drawn(large(20))).values():
        rect = card.find(f"{SVG}rect")
        assert rect is not None
        left, _, right, _ = place(rect)
        for each in card.iter(f"{SVG}text"):
            # As wide as a letter of the widest usual font is, on average.
            width = len(str(each.text)) * (0.62 * (14 if each.get("class") == "title" else 12))
            x = float(each.get("x", "nan"))
            assert left <= (x - width if each.get("text-anchor") == "end" else x)
            assert (x if each.get("text-anchor") == "end" else x + width) <= right


def test_the_picture_tells_the_network_and_the_way_in() -> None:
    through = {"privateKeyFile": "key", "knownHostsFile": "known_hosts", "jumpHost": {"host": "bastion.example.com"}}
    text = drawn(site(ssh=through, vni=4097, networkName="overlay0", mtu=1400, controlPlane={
        "name": "cp1", "address": "10.77.0.11", "endpoint": "api.example.com:443"}))  # fmt: skip
    for part in ("VXLAN overlay0 · VNI 4097 · UDP 4789 · MTU 1350", "API api.example.com:443", "bastion.example.com",
                 "10.96.0.0/12", "10.244.0.0/16, a /24 for each node", "10.96.0.10, cluster.local"):  # fmt: skip
        assert f">{part}<" in text
    assert "SSH through bastion.example.com" in text
    assert "Bastion" not in drawn(site())
    assert "SSH directly" in drawn(site())


def test_machines_stand_where_they_come_from() -> None:
    mixed = site(
        windowsNodes=[
            {"name": "win1", "managementIp": "10.77.0.21", "source": "azure"},
            {"name": "win2", "managementIp": "10.77.0.22", "source": "gce"},
        ],
        **{name: values(**{})[name] for name, values in (("azure", azure_values), ("gce", gce_values))},
    )
    text = drawn(mixed)
    for part in ("On premises", "Azure westeurope", "Google europe-west4", "SSH through cp1"):
        assert f">{part}<" in text


def test_what_is_not_known_is_not_made_up() -> None:
    settings = site()
    found = cards(diagram(settings, members(settings, {}, {})))
    assert lines(found["win1"]) == ["Windows", "win1", "10.77.0.21", "pods not known", "Windows Server", "containerd"]


def test_a_name_cannot_become_markup() -> None:
    text = drawn(site(clusterName='<script>alert("&")</script>'))
    assert "<script" not in text
    assert ElementTree.fromstring(text).findtext(f"{SVG}title") == 'Cluster <script>alert("&")</script>'


def test_colours_for_dark_surroundings_are_those_of_the_light_ones_and_no_others() -> None:
    style = str(ElementTree.fromstring(drawn(site())).findtext(f"{SVG}style"))
    light, dark = style.split("@media (prefers-color-scheme: dark) {")
    assert "$" not in style

    def selectors(css: str) -> set[str]:
        return {rule.partition("{")[0].strip() for rule in css.splitlines() if re.search(r"#[0-9a-f]{6}", rule)}

    assert selectors(dark) == selectors(light) - {".on"}


def test_a_machine_that_is_gone_is_in_no_picture_and_no_table() -> None:
    settings = site(windowsNodes=[{"name": "win1", "managementIp": "10.77.0.21", "gone": True}])
    assert "win1" not in cards(drawn(settings))
    assert "win1" not in nodes_table(members(settings, {}, {}))


def test_the_table_has_a_line_for_each_node() -> None:
    settings = site(windowsNodes=[{"name": "win1", "managementIp": "10.77.0.21", "runtime": "docker"}])
    head, first, second, third = nodes_table(members(settings, facts_of(settings), ranges_of(settings))).splitlines()
    columns = [head.index(name) for name in ("kind", "address", "pods", "system", "build", "runtime", "machine", "SSH")]
    cells = [third[begin:end].strip() for begin, end in itertools.pairwise([0, *columns, None])]
    assert cells == [
        *("win1", "Windows", "10.77.0.21", "10.244.2.0/24", "Windows Server 2025", "26100.6899", "docker"),
        *("on premises", "-"),
    ]
    assert first.split()[:3] == ["cp1", "control", "plane"]
    assert second.split()[:2] == ["lin1", "Linux"]


def test_the_picture_in_the_documentation_is_the_one_that_is_drawn_today() -> None:
    settings = Settings.model_validate(read_stack_file(PROJECT / "config/Pulumi.mixed.yaml", "casement"))
    text = drawn(settings)
    if os.environ.get("CASEMENT_GOLDEN") == "write":
        PICTURE.write_text(text)
    assert text == PICTURE.read_text()
