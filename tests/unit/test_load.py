"""Reading Pulumi's own configuration of the running stack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime import config as pulumi_config

from config.load import StackConfigurationError, load
from config.problems import ConfigurationError
from tests.unit.example_site import Site, private_key


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand in for a running stack of the project; no engine, so registering a resource would fail."""
    monkeypatch.setattr(pulumi, "get_project", lambda: "casement")
    yield
    pulumi.runtime.set_all_config({}, [])


def set_config(values: dict[str, Any], secrets: tuple[str, ...] = ()) -> None:
    plain = {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
    config = {f"casement:{key}": value for key, value in plain.items()}
    pulumi.runtime.set_all_config(config, [f"casement:{key}" for key in secrets])


def test_the_configuration_of_the_stack_is_read(site: Site) -> None:
    set_config(site.values(vni=5000))
    configuration = load(site.folder)
    assert configuration.settings.vni == 5000
    assert set(configuration.endpoints) == {"cp1", "lin1", "win1", "win2"}


def test_keys_of_other_packages_are_left_alone(site: Site) -> None:
    set_config(site.values())
    pulumi_config.set_config("kubernetes:context", "other")
    assert load(site.folder).settings.cluster_name == "kubernetes"


def test_a_misspelt_key_is_found_though_nobody_asked_for_it(site: Site) -> None:
    set_config(site.values(podCider="10.0.0.0/16"))
    with pytest.raises(StackConfigurationError, match="did you mean podCidr"):
        load(site.folder)


def test_the_error_is_one_that_pulumi_prints_without_a_traceback() -> None:
    set_config({})
    with pytest.raises(StackConfigurationError) as raised:
        load()
    assert isinstance(raised.value, pulumi.RunError)
    assert isinstance(raised.value, ConfigurationError)
    assert {"nodeCidrs", "controlPlane"} <= {problem.key for problem in raised.value.problems}


def test_an_encrypted_private_key_is_used_and_not_shown(site: Site) -> None:
    text = private_key().export_private_key().decode()
    set_config(site.values(sshPrivateKey=text, ssh={"knownHostsFile": "known_hosts"}), ("sshPrivateKey",))
    endpoint = load(site.folder).endpoints["cp1"]
    assert endpoint.private_key.get_secret_value() == text
    assert text.splitlines()[1] not in repr(endpoint)


def test_a_private_key_in_plain_text_is_refused(site: Site) -> None:
    text = private_key().export_private_key().decode()
    set_config(site.values(sshPrivateKey=text, ssh={"knownHostsFile": "known_hosts"}))
    with pytest.raises(StackConfigurationError, match="must be encrypted") as raised:
        load(site.folder)
    assert text.splitlines()[1] not in str(raised.value)
