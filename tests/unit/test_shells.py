"""Values of any kind reach a script as they are, and nothing else does."""

import json
import subprocess

import pytest

from plan.shells import SHELLS, bash_input, command_line, powershell_input, standard_input
from plan.step import Step

HOSTILE = ["it's", "$(touch /tmp/pwned)", '"; rm -rf /', "a`id`b", "two words", "%PATH%", "line\nbreak", "", "-n", "ä€"]


def bash_reads(text: str, expression: str) -> str:
    script = f'eval "$(cat)"; printf %s {expression}'
    return subprocess.run(["bash", "-euc", script], input=text, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("value", HOSTILE)
def test_bash_gets_a_hostile_value_unchanged(value: str) -> None:
    assert bash_reads(bash_input({"given": value}), '"$given"') == value


@pytest.mark.parametrize("value", HOSTILE)
def test_powershell_gets_a_hostile_value_as_plain_ascii_json(value: str) -> None:
    text = powershell_input({"Given": value})
    assert text.isascii()
    assert json.loads(text) == {"Given": value}


def test_a_tuple_is_an_array_in_bash_with_every_item_whole() -> None:
    assert (
        bash_reads(bash_input({"items": ("a b", "", "c'd")}), '"${#items[@]}:${items[0]}:${items[2]}"') == "3:a b:c'd"
    )


def test_an_empty_tuple_is_an_empty_array_in_bash() -> None:
    assert bash_reads(bash_input({"items": ()}), '"${#items[@]}"') == "0"


def test_a_boolean_is_true_or_false_in_bash() -> None:
    assert bash_input({"yes": True, "no": False, "count": 3}) == "yes=true\nno=false\ncount=3\n"


@pytest.mark.parametrize("name", ["PATH", "a-b", "1st", "x;id", ""])
def test_a_parameter_name_that_bash_could_misread_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no parameter name"):
        bash_input({name: "value"})


STEP = Step("containerd-running", "install.sh", {"url": "secret-looking"}, undo="uninstall.sh", time_limit=60)


def test_no_parameter_is_on_a_command_line() -> None:
    for line in (
        command_line(STEP, "linux", "install.sh", "0123456789ab", as_root=False),
        command_line(STEP, "windows", "Install.ps1", "0123456789ab", as_root=False),
    ):
        assert "secret-looking" not in line


def test_sudo_is_used_only_by_those_who_are_not_root() -> None:
    assert command_line(STEP, "linux", "install.sh", "0", as_root=True).startswith("bash ")
    assert command_line(STEP, "linux", "install.sh", "0", as_root=False).startswith("sudo -n bash ")


def test_a_windows_command_line_means_the_same_to_cmd_and_to_powershell() -> None:
    shell = SHELLS["windows"]
    for line in (
        command_line(STEP, "windows", "Install.ps1", "0", as_root=True),
        shell.make_upload,
        shell.remove_upload,
    ):
        assert "$" not in line
        assert "%" not in line
        assert line.count('"') in (0, 2)


def test_standard_input_is_json_for_windows_and_assignments_for_linux() -> None:
    assert standard_input({"x": "1"}, "linux") == "x=1\n"
    assert json.loads(standard_input({"X": "1"}, "windows")) == {"X": "1"}
