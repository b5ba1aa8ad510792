"""Programs on a Linux machine: put into place, made to wait, exchanged and brought back, by the project's own bash."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from tests.unit.linux_scripts import Site
from tests.unit.test_linux_records import digest

MEMBER = "is_member() { true; }\n"
CHANGED = "if $changed; then echo changed; fi\n"
INSTALL = 'install_program tool "$url" "$sha" "$folder/bin" tool\n' + CHANGED
ARCHIVE = 'install_program tools "$url" "$sha" "$folder/local"\n' + CHANGED
ACTIVATE = 'activate_program tool "$sha"\n'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def released(site: Site, text: str) -> dict[str, str]:
    """Return where a program with this content is to be had, and its digest."""
    file = site.folder / f"release-{text}"
    file.write_text(text)
    return {"url": file.as_uri(), "sha": f"sha256:{digest(text)}"}


def archived(site: Site, **files: str) -> dict[str, str]:
    """Return the same for an archive with these files in the folder ``bin``."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"bin/{name}")
            member.size, member.mode = len(text), 0o755
            tar.addfile(member, io.BytesIO(text.encode()))
    sha = hashlib.sha256(packed.getvalue()).hexdigest()
    file = site.folder / f"{sha[:8]}.tar.gz"
    file.write_bytes(packed.getvalue())
    return {"url": file.as_uri(), "sha": f"sha256:{sha}"}


def run(site: Site, script: str, **parameters: str) -> str:
    ran = site.run(script, seconds=30, **parameters)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def waiting(site: Site) -> dict[str, str]:
    """Return the files that are kept beside those in place, by their version's folder."""
    folder = site.folder / "state/versions"
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != "files")
    return {path.relative_to(folder).parts[0]: path.read_text() for path in found}


def test_a_program_goes_into_place_once_and_a_damaged_one_is_put_right_without_being_upgraded(site: Site) -> None:
    one = released(site, "one")
    assert run(site, INSTALL, **one) == "changed\n"
    place = site.folder / "bin/tool"
    assert (place.read_text(), place.stat().st_mode & 0o777) == ("one", 0o755)
    assert run(site, MEMBER + INSTALL, **one) == ""
    assert site.facts() == {"tool": f"{digest('one')} mode 755"}
    place.write_text("broken")
    assert run(site, MEMBER + INSTALL, **one) == "changed\n"
    assert place.read_text() == "one"


def test_before_a_machine_is_a_member_another_version_goes_into_place_at_once(site: Site) -> None:
    run(site, INSTALL, **released(site, "one"))
    assert run(site, INSTALL, **released(site, "two")) == "changed\n"
    assert (site.folder / "bin/tool").read_text() == "two"


def test_on_a_member_another_version_waits_until_it_is_activated_and_the_former_one_is_kept(site: Site) -> None:
    one, two = released(site, "one"), released(site, "two")
    run(site, INSTALL, **one)
    assert run(site, MEMBER + INSTALL, **two) == ""
    place = site.folder / "bin/tool"
    assert place.read_text() == "one"
    assert waiting(site) == {f"tool-{digest('two')[:12]}": "two"}
    running = place.open()
    run(site, ACTIVATE, **two)
    assert place.read_text() == "two"
    assert running.read() == "one", "a running program keeps the file that it was started from"
    assert waiting(site) == {f"tool-{digest('one')[:12]}": "one"}
    run(site, ACTIVATE, **one)
    assert place.read_text() == "one"
    assert waiting(site) == {f"tool-{digest('two')[:12]}": "two"}


def test_only_the_former_version_is_kept_and_none_is_thrown_away_during_an_exchange(site: Site) -> None:
    for text in ("one", "two"):
        run(site, INSTALL, **released(site, text))
    run(site, 'touch "$exchange"\n' + MEMBER + INSTALL, **released(site, "three"))
    assert set(waiting(site).values()) == {"one", "three"}
    run(site, 'rm "$exchange"\n' + MEMBER + INSTALL, **released(site, "four"))
    assert set(waiting(site).values()) == {"four"}


def test_an_archive_is_exchanged_as_a_whole_and_what_the_new_one_lacks_goes(site: Site) -> None:
    old, new = archived(site, a="a1", b="b1"), archived(site, a="a2", c="c2")
    run(site, ARCHIVE, **old)
    folder = site.folder / "local/bin"
    (folder / "other").write_text("not ours")
    run(site, MEMBER + ARCHIVE, **new)
    assert (folder / "a").read_text() == "a1"
    run(site, 'activate_program tools "$sha"\n', **new)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"a": "a2", "c": "c2", "other": "not ours"}
    run(site, 'activate_program tools "$sha"\n', **old)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"a": "a1", "b": "b1", "other": "not ours"}
    run(site, "remove_program tools\n")
    assert [path.name for path in folder.iterdir()] == ["other"]
    assert not waiting(site)


def test_an_exchange_that_was_cut_off_goes_on_to_its_end_or_back(site: Site) -> None:
    old, new = archived(site, a="a1", b="b1"), archived(site, a="a2", b="b2")
    run(site, ARCHIVE, **old)
    run(site, MEMBER + ARCHIVE, **new)
    # Cut off after the first of two files.
    cut = 'n=0; mv() { command mv "$@"; n=$((n + 1)); if ((n == 4)); then exit 1; fi; }\n'
    assert site.run(cut + 'activate_program tools "$sha"\n', seconds=30, **new).returncode == 1
    folder = site.folder / "local/bin"
    assert sorted(path.read_text()[1] for path in folder.iterdir()) == ["1", "2"]
    run(site, 'activate_program tools "$sha"\n', **old)
    assert {path.read_text() for path in folder.iterdir()} == {"a1", "b1"}
    run(site, MEMBER + ARCHIVE + 'activate_program tools "$sha"\n', **new)
    assert {path.read_text() for path in folder.iterdir()} == {"a2", "b2"}
