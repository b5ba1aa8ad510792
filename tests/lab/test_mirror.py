"""The lab's mirror: the addresses that the product asks for, and archives with the members of the official ones."""

import hashlib
import json
import tarfile
from dataclasses import asdict
from pathlib import Path

import pytest

from config.downloads import ARTIFACTS
from config.settings import Versions
from lab.archive import Entry, Image, Link, write_archive, write_tar
from lab.mirror import contents, place
from lab.programs import UNITS, units
from lab.release import NEWEST, OLDER, Release

PROGRAMS = {program: Path("/built") / program for unit in UNITS for program in unit.programs}
STAND_IN_NAMES = ("containerd.exe", "ctr.exe", "docker.exe", "dockerd.exe", "cri-dockerd.exe")
STAND_INS = {name: Path("/built") / name for name in STAND_IN_NAMES}


@pytest.mark.parametrize("release", [NEWEST, OLDER])
def test_the_mirror_has_every_artifact_of_the_versions_and_no_other_file(release: Release) -> None:
    versions = Versions(**asdict(release))
    asked = {
        artifact.template.format(version=getattr(versions, artifact.version_key)) for artifact in ARTIFACTS.values()
    }
    assert set(contents({**PROGRAMS, **STAND_INS}, release)) == asked


def test_the_newest_release_is_what_a_stack_file_gets_that_names_no_versions() -> None:
    assert Versions(**asdict(NEWEST)) == Versions()


def test_an_older_release_takes_the_place_of_the_newest_but_for_what_both_have() -> None:
    older = units(OLDER)[len(UNITS) :]
    assert units(OLDER)[: len(UNITS)] == UNITS
    assert {unit.name.removesuffix("-windows") for unit in older} == {
        "kubernetes",
        "flannel",
        "cni-plugins",
        "containerd",
    }
    for unit in older:
        module, newest = next(iter(unit.requires.items()))
        assert unit.replaces[module] != newest
    assert not {program for unit in older for program in unit.programs} & {"agnhost", "agnhost.exe", "crictl"}


def test_archives_have_the_members_of_the_official_ones() -> None:
    members = {
        url.rpartition("/")[2]: sorted(content)
        for url, content in contents(PROGRAMS).items()
        if isinstance(content, dict)
    }
    assert members["containerd-2.3.4-linux-amd64.tar.gz"] == [
        "bin/containerd",
        "bin/containerd-shim-runc-v2",
        "bin/ctr",
    ]
    assert members["cni-plugins-windows-amd64-v1.9.1.tgz"] == ["./host-local.exe", "./win-overlay.exe"]
    assert members["crictl-v1.36.0-linux-amd64.tar.gz"] == ["crictl"]


def test_an_official_address_stands_in_the_mirror_under_its_host() -> None:
    assert place("https://dl.k8s.io/release/v1.36.4/bin/linux/amd64/kubeadm") == (
        "dl.k8s.io/release/v1.36.4/bin/linux/amd64/kubeadm"
    )


def test_a_layer_is_the_same_whenever_it_is_written(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"#!/bin/sh\n")
    program.chmod(0o750)
    entries: dict[str, Entry] = {
        "bin/program": program,
        "sh": Link("bin/program"),
        "etc/passwd": b"root:x:0:0::/:/bin/sh\n",
    }
    first = write_tar(tmp_path / "first.tar", entries)
    program.touch()
    assert write_tar(tmp_path / "second.tar", dict(sorted(entries.items(), reverse=True))) == first


def test_an_archive_of_two_images_holds_their_common_layer_once(tmp_path: Path) -> None:
    layers = {"root": {"etc/motd": b"hello\n"}, "one": {"one": b"1"}, "two": {"two": b"2"}}
    images = [
        Image(("lab.invalid/one:1",), ("root", "one"), ("/one",)),
        Image(("lab.invalid/two:1",), ("root", "two"), os="windows", os_version="10.0.20348.1"),
    ]
    write_archive(tmp_path / "both.tar", layers, images)
    with tarfile.open(tmp_path / "both.tar") as tar:
        found = {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]
    manifest = json.loads(found["manifest.json"])
    assert [image["RepoTags"] for image in manifest] == [["lab.invalid/one:1"], ["lab.invalid/two:1"]]
    assert manifest[0]["Layers"][0] == manifest[1]["Layers"][0]
    assert len([name for name in found if name.endswith("layer.tar")]) == 3
    second = json.loads(found[manifest[1]["Config"]])
    assert (second["os"], second["os.version"]) == ("windows", "10.0.20348.1")
    digests = [f"sha256:{hashlib.sha256(found[layer]).hexdigest()}" for layer in manifest[1]["Layers"]]
    assert second["rootfs"]["diff_ids"] == digests
