"""The table of downloads: URLs, mirrors, digests, and how digests are recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.digests import find_digest
from config.downloads import ARTIFACTS, PINS_FILE, Downloads, artifact_url, mirrored, needed, read_pins
from config.pin import main, with_pins
from config.settings import Settings

RUNC = "https://github.com/opencontainers/runc/releases/download/v1.4.3/runc.amd64"
DIGEST = "ab" * 32
# No public list of these was found; a machine that reaches their servers records them with config.pin.
NOT_SHIPPED = {"kubeadm-windows", "kube-log-runner-windows", "docker-windows", "cri-dockerd-windows"}


def settings(**changes: object) -> Settings:
    base = {"nodeCidrs": ["10.77.0.0/24"], "controlPlane": {"name": "cp1", "address": "10.77.0.11"}}
    return Settings.model_validate({**base, **changes})


WINDOWS = [{"name": "win1", "managementIp": "10.77.0.21"}]


def test_the_shipped_table_is_well_formed_and_pins_the_default_versions() -> None:
    pins, problems = read_pins(PINS_FILE.read_text("utf-8"), "config/downloads.yaml")
    assert problems == []
    assert {name for name in ARTIFACTS if artifact_url(settings(), name) not in pins} <= NOT_SHIPPED


def test_the_shipped_table_holds_nothing_but_artifacts() -> None:
    pins, _ = read_pins(PINS_FILE.read_text("utf-8"), "config/downloads.yaml")
    assert set(pins) <= {artifact_url(settings(), name) for name in ARTIFACTS}


def test_a_version_stands_everywhere_in_its_url() -> None:
    changed = settings(versions={"containerd": "2.3.9", "cniPlugins": "1.9.9"})
    base = "https://github.com/containerd/containerd/releases/download"
    assert artifact_url(changed, "containerd-windows") == f"{base}/v2.3.9/containerd-2.3.9-windows-amd64.tar.gz"
    assert artifact_url(changed, "cni-plugins-linux").endswith("/v1.9.9/cni-plugins-linux-amd64-v1.9.9.tgz")
    assert artifact_url(changed, "kubeadm-linux") == "https://dl.k8s.io/release/v1.36.4/bin/linux/amd64/kubeadm"


def test_a_download_is_fetched_from_the_mirror_and_keeps_its_digest() -> None:
    site = settings(mirror="http://10.77.0.1:8080/")
    download = Downloads(site, {RUNC: DIGEST}).artifact("runc-linux")
    assert download.url == "http://10.77.0.1:8080/github.com/opencontainers/runc/releases/download/v1.4.3/runc.amd64"
    assert download.sha256 == DIGEST


def test_without_a_mirror_the_official_url_stays() -> None:
    assert mirrored(RUNC, None) == RUNC
    assert mirrored("https://host:8443/a?b=c", "http://m/x") == "http://m/x/host:8443/a?b=c"


def test_archives_are_given_by_operating_system() -> None:
    urls = {"linux": "https://images.example.com/linux.tar", "windows": "https://images.example.com/windows.tar"}
    site = settings(imageArchives=[{"os": os, "url": url} for os, url in urls.items()])
    downloads = Downloads(site, dict.fromkeys(urls.values(), DIGEST))
    assert [archive.url for archive in downloads.archives("linux")] == [urls["linux"]]
    assert [archive.url for archive in downloads.archives("windows")] == [urls["windows"]]


def test_a_download_without_a_digest_is_never_given_out() -> None:
    with pytest.raises(LookupError, match=r"no pinned digest for .*runc\.amd64"):
        Downloads(settings(), {}).artifact("runc-linux")


def test_nothing_is_needed_for_linux_where_nothing_is_installed_on_linux() -> None:
    head = {"name": "cp1", "address": "10.77.0.11", "existing": True}
    urls = [source.url for source in needed(settings(controlPlane=head, windowsNodes=WINDOWS))]
    assert urls
    assert not [url for url in urls if "linux" in url or "runc" in url]
    worker = [{"name": "lin1", "address": "10.77.0.12"}]
    assert [source for source in needed(settings(controlPlane=head, linuxWorkers=worker)) if "runc" in source.url]


def test_files_for_windows_are_needed_only_with_windows_nodes() -> None:
    linux = {source.url for source in needed(settings())}
    both = {source.url for source in needed(settings(windowsNodes=WINDOWS))}
    assert not any("windows" in url for url in linux)
    assert len(both) == len(ARTIFACTS) - len({"docker-windows", "cri-dockerd-windows"})
    every = [{**WINDOWS[0], "runtime": "docker"}, {"name": "win2", "managementIp": "10.77.0.22"}]
    assert {source.url for source in needed(settings(windowsNodes=every))} == {
        artifact_url(settings(), name) for name in ARTIFACTS
    }


@pytest.mark.parametrize("text", ["[a, b]", "a: [", f"https://a/b: md5:{DIGEST}", "https://a/b: sha256:123"])
def test_a_downloads_file_of_another_shape_is_a_problem(text: str) -> None:
    pins, problems = read_pins(text, "downloadsFile")
    assert pins == {}
    assert [problem.key for problem in problems] == ["downloadsFile"]


Server = Callable[[str], Iterator[bytes] | None]


def server(files: dict[str, bytes]) -> Server:
    """Return what fetches from a server that has these files."""

    def fetch(url: str) -> Iterator[bytes] | None:
        return iter([files[url]]) if url in files else None

    return fetch


def test_a_digest_is_taken_from_the_publishers_list_before_the_file_is_fetched() -> None:
    listed = f"{'cd' * 32}  runc.arm64\n{DIGEST}  runc.amd64\n".encode()
    sums = RUNC.replace("runc.amd64", "runc.sha256sum")
    found = find_digest(RUNC, server({sums: listed}))
    assert (found.sha256, found.origin) == (DIGEST, sums)


@pytest.mark.parametrize("text", [DIGEST, f"{DIGEST}\n", f"{DIGEST.upper()} *file", f"{DIGEST}  ./file\n"])
def test_every_usual_form_of_a_side_file_is_read(text: str) -> None:
    assert find_digest("https://a/file", server({"https://a/file.sha256": text.encode()})).sha256 == DIGEST


@pytest.mark.parametrize("side_file", [b"<html>not here</html>", f"{DIGEST}  another".encode()])
def test_a_side_file_that_says_nothing_of_the_file_is_passed_over(side_file: bytes) -> None:
    files = {"https://a/file.sha256": side_file, "https://a/file": b"content"}
    found = find_digest("https://a/file", server(files))
    assert found.sha256 == hashlib.sha256(b"content").hexdigest()
    assert found.origin == "downloaded and hashed"


def test_a_file_that_is_not_there_has_no_digest() -> None:
    with pytest.raises(FileNotFoundError):
        find_digest("https://a/file", server({}))


def test_pin_adds_new_digests_and_leaves_the_rest_of_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "downloads.yaml"
    path.write_text(f"# ours\nhttps://a/old: sha256:{DIGEST}")
    url = "https://a/new"
    assert main([url, "--file", str(path)], server({url: b"new"})) == 0
    expected = hashlib.sha256(b"new").hexdigest()
    assert path.read_text() == f"# ours\nhttps://a/old: sha256:{DIGEST}\n{url}: sha256:{expected}\n"


def test_pin_reports_a_digest_that_changed_and_never_replaces_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "downloads.yaml"
    path.write_text(with_pins("", {"https://a/file": DIGEST}))
    assert main(["https://a/file", "--file", str(path)], server({"https://a/file": b"other"})) == 1
    assert "DIFFERENT https://a/file" in capsys.readouterr().err
    assert path.read_text() == f"https://a/file: sha256:{DIGEST}\n"


def test_pin_without_urls_records_all_that_a_stack_needs_and_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = "https://images.example.com/linux.tar"
    (tmp_path / "Pulumi.site.yaml").write_text(
        "config:\n"
        "  casement:nodeCidrs: [10.77.0.0/24]\n"
        "  casement:controlPlane: {name: cp1, address: 10.77.0.11}\n"
        f"  casement:imageArchives: [{{os: linux, url: '{archive}'}}]\n"
        "  casement:mirror: http://mirror\n"
    )
    path = tmp_path / "downloads.yaml"
    arguments = ["--stack", str(tmp_path / "Pulumi.site.yaml"), "--file", str(path)]
    assert main(arguments, server({})) == 1
    assert f"FAILED    {archive}" in capsys.readouterr().err
    assert main([*arguments, "--mirror", "http://m"], server({"http://m/images.example.com/linux.tar": b"x"})) == 0
    assert set(read_pins(path.read_text(), "")[0]) == {archive}


def test_pin_check_confirms_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "downloads.yaml"
    digest = hashlib.sha256(b"x").hexdigest()
    path.write_text(with_pins("", {"https://a/file": digest}))
    assert main(["--check", "https://a/file", "--file", str(path)], server({"https://a/file": b"x"})) == 0
    assert "confirmed https://a/file" in capsys.readouterr().out
    assert main(["--check", "https://a/new", "--file", str(path)], server({"https://a/new": b"x"})) == 1
    assert path.read_text() == f"https://a/file: sha256:{digest}\n"
