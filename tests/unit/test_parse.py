"""From Pulumi's strings to settings: JSON, blanks, misspelt keys, secrets, and how each node is reached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.keys import read_known_hosts
from config.parse import parse
from config.problems import ConfigurationError, Problem, shown
from config.reading import read
from config.schema import keys, walk
from config.settings import AzureCloud, GceCloud, Settings
from config.stackfile import read_stack_file
from plan.kubeadm import init_documents
from tests.unit.example_site import Site, host_key, private_key

CONFIG = Path(__file__).resolve().parents[2] / "config"


def as_pulumi_gives_them(values: dict[str, object]) -> dict[str, object]:
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def test_values_as_pulumi_gives_them_are_read_like_plain_ones(site: Site) -> None:
    given = as_pulumi_gives_them(site.values(vni=5000, controlPlane={"name": "cp1", "address": "10.77.0.11"}))
    assert parse(given, site.folder).settings == site.parse(vni=5000).settings


def test_the_order_of_the_keys_of_a_mapping_means_nothing(site: Site) -> None:
    """Pulumi hands mappings over sorted; what reads the stack file itself must make the same documents of it."""
    written = {"registryPullQPS": 50, "evictionHard": {"nodefs.available": "1%", "imagefs.available": "1%"}}
    as_written = site.parse(kubeletConfiguration=written).settings
    given = json.loads(json.dumps(written, sort_keys=True))
    assert init_documents(as_written) == init_documents(site.parse(kubeletConfiguration=given).settings)


def test_the_empty_defaults_of_the_project_file_mean_not_given(site: Site) -> None:
    blanks = {"mtu": "0", "mirror": "", "sshPrivateKey": "", "proxy": "{}", "images": "{}", "existingFlannel": "[]"}
    settings = parse({**as_pulumi_gives_them(site.values()), **blanks}, site.folder).settings
    assert settings == site.parse().settings
    assert (settings.mtu, settings.proxy, settings.mirror) == (None, None, None)


def test_text_that_is_no_json_where_a_mapping_is_asked_for_is_one_problem(site: Site) -> None:
    problem = site.only_problem(versions="{kubernetes")
    assert (problem.key, problem.rule) == ("versions", "must be a mapping")


@pytest.mark.parametrize(
    ("changes", "key", "proposal"),
    [
        ({"podCIDR": "x"}, "podCIDR", "podCidr"),
        ({"windowsNode": []}, "windowsNode", "windowsNodes"),
        ({"ssh": {"knownHostFile": "known_hosts", "privateKeyFile": "key"}}, "ssh.knownHostFile", "knownHostsFile"),
        ({"versions": {"container_d": "2"}}, "versions.container_d", "containerd"),
        ({"pod_cidr": "10.1.0.0/16"}, "pod_cidr", "podCidr"),
    ],
)
def test_a_misspelt_key_is_told_with_the_right_one(
    site: Site, changes: dict[str, object], key: str, proposal: str
) -> None:
    assert f"did you mean {proposal}?" in site.problems(**changes)[key].remedy


def test_a_misspelt_key_of_a_node_is_told_with_its_place(site: Site) -> None:
    problem = site.only_problem(windowsNodes=site.windows(managmentIp="10.77.0.21"))
    assert problem.key == "windowsNodes[0].managmentIp"
    assert "managementIp" in problem.remedy


def test_a_key_like_no_other_is_told_which_ones_there_are(site: Site) -> None:
    assert "knownHostsFile" in site.problems(ssh={"zzzz": 1})["ssh.zzzz"].remedy


@pytest.mark.parametrize(
    ("changes", "key", "rule", "remedy"),
    [
        ({"vni": "many"}, "vni", "whole number", "digits"),
        ({"dnsAddress": "10.96.0"}, "dnsAddress", "IPv4 address", "four numbers"),
        ({"podCidr": "10.244.3.0/16"}, "podCidr", "first of the range", "write 10.244.0.0/16"),
        ({"podCidr": "pods"}, "podCidr", "IPv4 range", "10.244.0.0/16"),
        ({"nodeCidrs": "10.77.0.0/24"}, "nodeCidrs", "list", "YAML"),
        ({"versions": {"kubernetes": 1.36}}, "versions.kubernetes", "text", "quotes"),
        ({"controlPlane": None}, "controlPlane", "required", "runs the control plane"),
        ({"linuxWorkers": [{"name": "lin1"}]}, "linuxWorkers[0].address", "required", "nodeCidrs"),
        ({"linuxWorkers": ["lin1"]}, "linuxWorkers[0]", "mapping", "key: value"),
        ({"imageArchives": [{"os": "mac", "url": "https://a/b"}]}, "imageArchives[0].os", "'linux'", "one of"),
    ],
)
def test_a_value_of_the_wrong_type_is_told_in_plain_words(
    site: Site, changes: dict[str, object], key: str, rule: str, remedy: str
) -> None:
    problem = site.problems(**changes)[key]
    assert rule in problem.rule
    assert remedy in problem.remedy


def test_rules_about_values_that_could_be_read_still_run_beside_one_that_could_not(site: Site) -> None:
    found = site.problems(podCidr="x", vni=1, windowsNodes=[{"name": 7}, {"name": "W", "managementIp": "10.77.0.22"}])
    assert {"podCidr", "vni", "windowsNodes[0].name", "windowsNodes[0].managementIp", "windowsNodes[1].name"} <= set(
        found
    )


def test_a_secret_is_never_shown(site: Site) -> None:
    secret = "c2VjcmV0LXNlY3JldA"  # what a key file might hold
    for changes in ({"sshPrivateKey": secret}, {"sshPrivatKey": secret}, {"sshPrivateKey": [secret]}):
        with pytest.raises(ConfigurationError) as raised:
            site.parse(**changes)
        assert secret not in str(raised.value)


def test_a_private_key_or_password_in_the_wrong_place_is_not_shown() -> None:
    assert shown("-----BEGIN OPENSSH PRIVATE KEY-----\nabc") == "(hidden: looks like a private key)"
    assert shown("http://user:pass@proxy:3128") == "http://***@proxy:3128"
    assert shown({"http": "http://user:pass@proxy"}) == "{http: http://***@proxy}"


def test_a_private_key_that_is_not_encrypted_in_the_stack_file_is_refused(site: Site) -> None:
    text = private_key().export_private_key().decode()
    values = site.values(sshPrivateKey=text, ssh={"knownHostsFile": "known_hosts"})
    assert parse(values, site.folder, frozenset({"sshPrivateKey"}))
    with pytest.raises(ConfigurationError) as raised:
        parse(values, site.folder, frozenset())
    (problem,) = raised.value.problems
    assert problem.key == "sshPrivateKey"
    assert "--secret" in problem.remedy


def test_a_node_is_reached_by_the_defaults_unless_it_says_otherwise(site: Site) -> None:
    (site.folder / "other").write_bytes(private_key("ecdsa-sha2-nistp256").export_private_key())
    own = {
        "host": "win1.example.com",
        "user": "ops",
        "port": 2222,
        "hostKey": host_key("ecdsa-sha2-nistp256") + " comment",
        "privateKeyFile": "other",
    }
    endpoints = site.parse(windowsNodes=site.windows(ssh=own)).endpoints
    assert (endpoints["cp1"].host, endpoints["cp1"].user, endpoints["cp1"].port) == ("10.77.0.11", "root", 22)
    assert endpoints["cp1"].host_key == host_key()
    first = endpoints["win1"]
    assert (first.host, first.user, first.port) == ("win1.example.com", "ops", 2222)
    assert first.host_key == host_key("ecdsa-sha2-nistp256")
    assert first.private_key != endpoints["win2"].private_key


def test_every_node_goes_through_the_jump_host_with_the_same_key(site: Site) -> None:
    ssh = {**site.values()["ssh"], "jumpHost": {"host": "bastion", "user": "ops", "hostKey": host_key()}}
    for endpoint in site.parse(ssh=ssh).endpoints.values():
        assert endpoint.jump is not None
        assert (endpoint.jump.host, endpoint.jump.user) == ("bastion", "ops")
        assert endpoint.jump.private_key == endpoint.private_key


def test_a_jump_host_without_a_known_key_is_refused(site: Site) -> None:
    problem = site.only_problem(ssh={**site.values()["ssh"], "jumpHost": {"host": "bastion"}})
    assert problem.key == "ssh.jumpHost.hostKey"
    assert "ssh-keyscan -t ed25519 bastion" in problem.remedy


def test_known_hosts_finds_names_ports_wildcards_and_hashes_and_prefers_ed25519() -> None:
    ecdsa = host_key("ecdsa-sha2-nistp256")
    text = (
        f"# a comment\nhost,10.0.0.1 {ecdsa}\nhost {host_key()} note\n[host]:2222 {ecdsa}\n*.example.com {ecdsa}\n"
        f"@revoked bad {ecdsa}\nbroken line\n"
        # `ssh-keygen -H` made this of the name `hashed`.
        f"|1|6/lRgCqqC5fmE3swEsVMges2dMU=|TjQcy+1S+We3q+iUXWvzbJGu4jo= {ecdsa}\n"
    )
    known = read_known_hosts(text)
    assert known.keys("host", 22) == [host_key(), ecdsa]
    assert known.keys("10.0.0.1", 22) == known.keys("host", 2222) == known.keys("a.example.com", 22) == [ecdsa]
    assert known.keys("hashed", 22) == [ecdsa]
    assert known.keys("bad", 22) == known.keys("example.com", 22) == []


def test_the_example_for_a_site_is_right_but_for_its_files(site: Site) -> None:
    values = read_stack_file(CONFIG / "Pulumi.onprem.yaml", "casement")
    hosts = ",".join(f"192.168.10.{host}" for host in (11, 12, 21, 22))
    (site.folder / "known_hosts").write_text(f"{hosts} {host_key()}\n")
    files = {"privateKeyFile": "key", "knownHostsFile": "known_hosts"}
    configuration = parse({**values, "ssh": files, "downloadsFile": "downloads.yaml"}, site.folder)
    assert configuration.settings.windows_nodes[0].log_folder == "C:\\k"


@pytest.mark.parametrize("name", ["azure", "gce", "mixed"])
def test_the_examples_with_clouds_are_right_but_for_their_files(site: Site, name: str) -> None:
    values = read_stack_file(CONFIG / f"Pulumi.{name}.yaml", "casement")
    (site.folder / "known_hosts").write_text(f"192.168.10.11,192.168.10.12 {host_key()}\n")
    files = {"privateKeyFile": "key", "knownHostsFile": "known_hosts"}
    configuration = parse({**values, "ssh": files, "downloadsFile": "downloads.yaml"}, site.folder)
    assert {**configuration.endpoints, **configuration.logins}.keys() == {"cp1", "lin1", "win1", "win2"}
    assert configuration.logins["win1"].user == "casement"


@pytest.mark.parametrize("name", ["azure", "gce"])
def test_the_example_for_a_cloud_shows_every_key_of_it(name: str) -> None:
    text = (CONFIG / f"Pulumi.{name}.yaml").read_text("utf-8")
    every = walk(AzureCloud if name == "azure" else GceCloud)
    assert [path for path, key in every if f"{key.name}:" not in text] == []


def test_the_example_for_a_site_shows_every_key_that_is_not_about_clouds() -> None:
    text = (CONFIG / "Pulumi.onprem.yaml").read_text("utf-8")
    elsewhere = {"azure", "gce", "pool", "machine"}
    assert [name for name in keys(Settings) if name not in elsewhere and f"casement:{name}:" not in text] == []
    models = [key.model for name, key in keys(Settings).items() if key.model and name not in elsewhere]
    nested = {name for model in models for name in keys(model)} - elsewhere
    assert [name for name in nested if f"{name}:" not in text] == []


def test_the_lab_is_right_but_for_its_files(site: Site) -> None:
    values = read_stack_file(CONFIG / "Pulumi.lab.yaml", "casement")
    reading = read(values)
    assert reading.problems == ()
    problems = [problem.key for problem in site_problems(values, site)]
    assert set(problems) == {"imageArchives[0].url", "imageArchives[1].url"}


def site_problems(values: dict[str, object], site: Site) -> tuple[Problem, ...]:
    files = {"privateKeyFile": "key", "knownHostsFile": "known_hosts"}
    with pytest.raises(ConfigurationError) as raised:
        parse({**values, "ssh": files, "downloadsFile": "downloads.yaml"}, site.folder)
    return tuple(raised.value.problems)


def test_the_example_and_the_defaults_agree() -> None:
    values = read_stack_file(CONFIG / "Pulumi.onprem.yaml", "casement")
    settings = read(values).settings
    plain = Settings(node_cidrs=settings.node_cidrs, control_plane=settings.control_plane)
    chosen = {"linux_workers", "windows_nodes", "ssh"}
    assert settings.model_dump(exclude=chosen) == plain.model_dump(exclude=chosen)
