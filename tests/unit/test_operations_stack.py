"""The stack file read beside the program: alone where nothing is encrypted, else with what Pulumi decrypts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.problems import ConfigurationError
from operations.__main__ import main
from operations.command import PROBLEMS
from operations.problem import OperationError
from operations.reach import endpoints
from operations.stack import Stack, open_stack
from tests.unit.cloud_site import azure_values
from tests.unit.example_site import Site

PROJECT = Path(__file__).resolve().parents[2]


def write_stack(site: Site, values: Mapping[str, Any]) -> None:
    shutil.copy(PROJECT / "Pulumi.yaml", site.folder)
    (site.folder / "config").mkdir(exist_ok=True)
    document = {"config": {f"casement:{key}": value for key, value in values.items()}}
    (site.folder / "config/Pulumi.here.yaml").write_text(yaml.safe_dump(document))


def put_pulumi(site: Site, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let this be the ``pulumi`` on PATH."""
    program = site.folder / "bin/pulumi"
    program.parent.mkdir()
    program.write_text(f"#!/bin/bash\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def test_a_file_without_secrets_is_enough(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    write_stack(site, site.values())
    put_pulumi(site, monkeypatch, "echo asked >&2; exit 1")
    stack = open_stack("organization/casement/here", site.folder)
    assert [node.name for node in stack.nodes()] == ["cp1", "lin1", "win1", "win2"]
    assert [node.name for node in stack.nodes(["win2", "cp1"])] == ["cp1", "win2"]
    with pytest.raises(OperationError, match=r"no node named win9\n.*name one of cp1, lin1, win1, win2"):
        stack.nodes(["win9"])


def test_a_machine_that_is_gone_is_asked_only_where_it_is_named(site: Site) -> None:
    nodes = site.values()["windowsNodes"]
    write_stack(site, site.values(windowsNodes=[nodes[0], nodes[1] | {"gone": True}]))
    stack = open_stack("here", site.folder)
    assert [node.name for node in stack.nodes()] == ["cp1", "lin1", "win1"]
    assert [node.name for node in stack.nodes(["win2"])] == ["win2"]


def test_what_is_encrypted_is_asked_of_pulumi(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    key = (site.folder / "key").read_text()
    values = site.values(ssh={"knownHostsFile": "known_hosts"}) | {"sshPrivateKey": {"secure": "v1:abc"}}
    write_stack(site, values)
    answer = {"casement:sshPrivateKey": {"value": key, "secret": True}, "other:key": {"value": "x", "secret": False}}
    (site.folder / "answer.json").write_text(json.dumps(answer))
    put_pulumi(site, monkeypatch, '[[ "$*" == "config --json --show-secrets --stack here "* ]] && cat answer.json')
    stack = open_stack("here", site.folder)
    assert stack.configuration.endpoints["win1"].private_key.get_secret_value() == key


def test_a_refusal_of_pulumi_is_told_without_what_it_printed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    write_stack(site, site.values() | {"sshPrivateKey": {"secure": "v1:abc"}})
    put_pulumi(site, monkeypatch, "echo SECRET; echo 'incorrect passphrase' >&2; exit 255")
    with pytest.raises(OperationError, match="incorrect passphrase") as raised:
        open_stack("here", site.folder)
    assert "SECRET" not in str(raised.value)
    assert "PULUMI_CONFIG_PASSPHRASE" in str(raised.value)


def test_without_pulumi_its_absence_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    write_stack(site, site.values() | {"sshPrivateKey": {"secure": "v1:abc"}})
    monkeypatch.setenv("PATH", str(site.folder))
    with pytest.raises(OperationError, match="there is no `pulumi` on PATH"):
        open_stack("here", site.folder)


def test_mistakes_in_the_file_are_all_told(site: Site) -> None:
    write_stack(site, site.values(vni=1, dnsAddress="10.0.0.1"))
    with pytest.raises(ConfigurationError) as raised:
        open_stack("here", site.folder)
    assert {problem.key for problem in raised.value.problems} == {"vni", "dnsAddress"}


def test_a_stack_that_does_not_exist_is_told_with_those_that_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drift", "--stack", "nowhere"]) == PROBLEMS
    said = capsys.readouterr().err
    assert "nowhere" in said
    assert "name one of azure, gce, lab, mixed, onprem" in said


def cloud_stack(site: Site, monkeypatch: pytest.MonkeyPatch, machines: Mapping[str, Any]) -> Stack:
    """Return a stack on Azure whose program told this about its machines."""
    write_stack(site, site.values(**azure_values()))
    (site.folder / "answer.json").write_text(json.dumps({"machines": machines}))
    put_pulumi(
        site, monkeypatch, '[[ "$*" == "stack output --json --show-secrets --stack here "* ]] && cat answer.json'
    )
    return open_stack("here", site.folder)


def test_machines_of_a_cloud_are_reached_as_the_program_found_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = {"cp1": "198.51.100.7", "lin1": "10.240.0.11", "win1": "10.240.0.21", "win2": "10.240.0.22"}
    machines = {name: {"host": host, "hostKey": f"ssh-ed25519 {name}"} for name, host in addresses.items()}
    found = endpoints(cloud_stack(site, monkeypatch, machines))
    assert {name: each.host for name, each in found.items()} == addresses
    assert (found["win1"].user, found["win1"].host_key) == ("casement", "ssh-ed25519 win1")
    assert found["win1"].jump == found["cp1"]
    assert found["cp1"].jump is None


def test_a_machine_that_is_not_made_yet_is_said_to_be_missing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OperationError, match=r"cp1: its cloud has not made it yet\n.*pulumi up"):
        endpoints(cloud_stack(site, monkeypatch, {}))


def test_pulumi_is_not_asked_for_machines_that_exist(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    write_stack(site, site.values())
    put_pulumi(site, monkeypatch, "echo asked >&2; exit 1")
    stack = open_stack("here", site.folder)
    assert endpoints(stack) == stack.configuration.endpoints
