"""What a step leaves on record on a Linux machine, by the project's own bash, run for real in a folder of its own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from plan.shells import input_digest
from tests.unit.linux_scripts import Site

MAKES_FILES = 'write_file "$folder/x" 640 < <(printf "%s" "$text")\nwrite_file "$folder/y" 600 </dev/null\n'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_step_that_succeeds_leaves_on_record_what_it_was_given_and_made_sure_of(site: Site) -> None:
    ran = site.run(MAKES_FILES, text="one")
    assert ran.returncode == 0, ran.stderr
    found = site.record()
    assert found.pop("ended") > found.pop("began") > "2026"
    assert found == {
        "step": "trial-done", "script": "trial.sh", "revision": "abc",
        "input": input_digest({"folder": str(site.folder), "text": "one"}, "linux"),
        "boot": Path("/proc/sys/kernel/random/boot_id").read_text().strip(), "outcome": "succeeded",
        "facts": [
            {"kind": "file", "name": f"{site.folder}/x", "value": f"{digest('one')} mode 640"},
            {"kind": "file", "name": f"{site.folder}/y", "value": f"{digest('')} mode 600"},
        ],
    }  # fmt: skip


def test_a_second_run_that_changes_nothing_leaves_the_same_facts(site: Site) -> None:
    site.run(MAKES_FILES, text="one")
    before = site.record()["facts"]
    site.run(MAKES_FILES, text="one")
    assert site.record()["facts"] == before != []


def test_a_step_that_fails_leaves_what_was_done_so_far_and_what_was_done_before(site: Site) -> None:
    site.run(MAKES_FILES, text="one")
    ran = site.run('write_file "$folder/x" 640 < <(printf two)\nfalse\nsay "not reached"\n')
    assert (ran.returncode, "not reached" in ran.stderr) == (1, False)
    assert site.record()["outcome"] == "failed"
    assert site.facts() == {"x": f"{digest('two')} mode 640", "y": f"{digest('')} mode 600"}


def test_a_trap_of_the_script_and_the_record_are_both_served(site: Site) -> None:
    ran = site.run("trap 'say cleaned' EXIT\nfail 'no more' 'a remedy'\n")
    assert (ran.returncode, "cleaned" in ran.stderr, "error: no more" in ran.stderr) == (1, True, True)
    assert site.record()["outcome"] == "failed"


def test_a_step_that_hangs_is_ended_and_says_so(site: Site) -> None:
    ran = site.run('write_file "$folder/x" 640 < <(printf one)\nsleep 60\n', seconds=4)
    assert (ran.returncode, "took longer than its time limit" in ran.stderr) == (124, True)
    assert (site.record()["outcome"], set(site.facts())) == ("timed-out", {"x"})


def test_a_step_that_is_killed_stays_on_record_as_running_and_is_run_again(site: Site) -> None:
    ran = site.run("kill -KILL $$\n")
    assert ran.returncode != 0
    assert site.record()["outcome"] == "running"
    assert site.run("true\n").returncode == 0
    assert site.record()["outcome"] == "succeeded"


def test_a_step_that_is_taken_back_leaves_nothing_on_record(site: Site) -> None:
    site.run(MAKES_FILES, text="one")
    assert site.run("false\n", "undo").returncode == 1
    assert site.record()["outcome"] == "succeeded"
    assert site.run("true\n", "undo").returncode == 0
    assert not list((site.folder / "state" / "steps").iterdir())


def test_steps_for_other_nodes_have_records_of_their_own(site: Site) -> None:
    site.run("true\n", node="lin1")
    site.run("false\n", node="lin2")
    assert (site.record("lin1")["outcome"], site.record("lin2")["outcome"]) == ("succeeded", "failed")


def test_no_parameter_is_on_record(site: Site) -> None:
    site.run(MAKES_FILES, text="s3cret")
    assert "s3cret" not in json.dumps(site.record())


def test_any_text_is_recorded_as_json(site: Site) -> None:
    hostile = 'a "b" \\ \t c'
    site.run(f"touch '{site.folder}/{hostile}'\nnote_fact file \"$folder/$name\"\n", name=hostile)
    assert [fact["name"] for fact in site.record()["facts"]] == [f"{site.folder}/{hostile}"]


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("program", "bash", "/usr/bin/bash"),
        ("program", "no-such-program", "absent"),
        ("file", "/no/such/file", "absent"),
        ("sysctl", "kernel.ostype", "Linux"),
        ("sysctl", "no.such.setting", "absent"),
    ],
)
def test_the_present_value_of_a_fact_is_read_from_the_machine(site: Site, kind: str, name: str, value: str) -> None:
    assert site.run(f"fact_value {kind} {name}\n").stdout == value


def test_a_unit_is_known_by_its_state_and_its_files(site: Site) -> None:
    answers = (
        'systemctl() { case $2 in *LoadState*) echo loaded ;; *) printf "enabled\\n/etc/x.service\\n\\n" ;; esac; }\n'
    )
    assert site.run(f"{answers}fact_value service x.service\n").stdout == "enabled /etc/x.service"
    assert site.run("systemctl() { echo not-found; }\nfact_value service x.service\n").stdout == "absent"


def test_a_kind_of_fact_that_nobody_can_read_is_refused(site: Site) -> None:
    ran = site.run("note_fact colour red\n")
    assert (ran.returncode, "there is no kind of fact 'colour'" in ran.stderr) == (1, True)
