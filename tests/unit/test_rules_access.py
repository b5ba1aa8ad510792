"""Rules about downloads, SSH, proxy, mirror and names of images."""

from __future__ import annotations

import pytest

from tests.unit.example_site import Site, host_key, private_key


def test_an_unpinned_download_is_refused_with_its_url_and_how_to_record_it(site: Site) -> None:
    problem = site.only_problem(versions={"runc": "1.4.99"})
    url = "https://github.com/opencontainers/runc/releases/download/v1.4.99/runc.amd64"
    assert (problem.key, problem.value) == ("versions.runc", url)
    assert f"python -m config.pin {url}" in problem.remedy


def test_an_unpinned_image_archive_is_refused(site: Site) -> None:
    problem = site.only_problem(imageArchives=[{"os": "linux", "url": "https://images.example.com/linux.tar"}])
    assert problem.key == "imageArchives[0].url"
    assert "python -m config.pin https://images.example.com/linux.tar" in problem.remedy


def test_windows_downloads_need_no_digest_without_windows_nodes(site: Site) -> None:
    assert site.problems(windowsNodes=[], versions={"flannelCniPlugin": "1.9.9-flannel1"}) == {}


def test_a_host_without_a_known_key_is_refused_with_the_command_that_shows_it(site: Site) -> None:
    (site.folder / "known_hosts").write_text(f"10.77.0.11,10.77.0.12,10.77.0.22 {host_key()}\n")
    problem = site.only_problem()
    assert problem.key == "windowsNodes[0].ssh.hostKey"
    assert "ssh-keyscan -t ed25519 10.77.0.21" in problem.remedy


def test_an_ssh_rsa_host_key_is_refused_and_ed25519_asked_for(site: Site) -> None:
    ssh = {"user": "Administrator", "hostKey": host_key("ssh-rsa")}
    problem = site.only_problem(windowsNodes=site.windows(ssh=ssh))
    assert problem.key == "windowsNodes[0].ssh.hostKey"
    assert "SHA-1" in problem.rule
    assert "ed25519" in problem.remedy


def test_a_missing_private_key_file_is_refused(site: Site) -> None:
    (site.folder / "key").unlink()
    problem = site.only_problem()
    assert problem.key == "ssh.privateKeyFile"
    assert "No such file" in problem.rule


def test_a_private_key_with_a_passphrase_is_refused(site: Site) -> None:
    text = private_key().export_private_key(passphrase="correct horse")
    (site.folder / "key").write_bytes(text)
    problem = site.only_problem()
    assert problem.key == "ssh.privateKeyFile"
    assert "passphrase" in problem.rule
    assert "ssh-keygen" in problem.remedy


def test_a_public_key_in_place_of_the_private_one_is_refused(site: Site) -> None:
    (site.folder / "key").write_text(host_key())
    assert "without .pub" in site.only_problem().remedy


def test_no_private_key_at_all_is_refused(site: Site) -> None:
    problem = site.only_problem(ssh={"knownHostsFile": "known_hosts"})
    assert "pulumi config set --secret sshPrivateKey" in problem.remedy


def test_root_on_a_windows_node_is_refused(site: Site) -> None:
    problem = site.only_problem(windowsNodes=site.windows(ssh=None))
    assert problem.key == "windowsNodes[0].ssh.user"
    assert "Administrator" in problem.remedy


@pytest.mark.parametrize(
    "url", ["proxy.example.com:3128", "socks5://proxy:1080", "http://proxy:port", "http://me:pw@proxy:1"]
)
def test_a_proxy_that_is_no_http_url_is_refused(site: Site, url: str) -> None:
    problem = site.only_problem(proxy={"http": url})
    assert problem.key == "proxy.http"
    assert "http://proxy.example.com:3128" in problem.remedy


def test_a_mirror_that_is_no_url_is_refused(site: Site) -> None:
    problem = site.only_problem(mirror="mirror.example.com")
    assert problem.key == "mirror"
    assert "http://mirror.example.com" in problem.remedy


def test_a_downloads_file_that_is_not_there_is_refused(site: Site) -> None:
    problem = site.problems(downloadsFile="nowhere.yaml", windowsNodes=[])["downloadsFile"]
    assert "config.pin" in problem.remedy


def test_a_downloads_file_of_another_shape_is_refused(site: Site) -> None:
    (site.folder / "downloads.yaml").write_text("https://example.com/a: 1234\n")
    problem = site.problems(windowsNodes=[])["downloadsFile"]
    assert "sha256:" in problem.rule
    assert "URL: sha256:HEX" in problem.remedy


@pytest.mark.parametrize("domain", ["", "Cluster.local", ".local", "a..b"])
def test_a_cluster_domain_that_is_no_domain_is_refused(site: Site, domain: str) -> None:
    assert "cluster.local" in site.only_problem(clusterDomain=domain).remedy


def test_an_image_name_with_a_tag_is_refused(site: Site) -> None:
    problem = site.only_problem(images={"pause": "mirror.example.com/pause:3.10.2"})
    assert (problem.key, problem.remedy) == ("images.pause", "write mirror.example.com/pause")


def test_two_private_keys_are_refused(site: Site) -> None:
    problem = site.only_problem(sshPrivateKey=private_key().export_private_key().decode())
    assert problem.key == "ssh.privateKeyFile"
    assert "leave one" in problem.remedy
