"""Every command that the documentation shows is run by a test, or it is said why not; its examples are valid."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.__main__ import parser as bench_parser
from bench.scale.__main__ import parser as scale_parser
from config.pin import _options as pin_options
from config.pin import main as pin
from config.reading import read
from config.rules import RULES
from config.rules_limits import STEPS
from config.schema import walk
from config.settings import Images, Settings, Versions
from config.stackfile import read_stack_file
from lab.__main__ import _parser as lab_parser
from lab.recording import parser as recording_parser
from operations.__main__ import _parser as operations_parser
from review.__main__ import _parser as review_parser
from tests.unit.documentation import PAGES, PROJECT, Page, simple
from tests.windows import rules
from tests.windows.powershell import Script

COMMANDS = sorted({command for page in PAGES for command in page.commands()})
ENTRIES: list[dict[str, str]] = yaml.safe_load(Path(__file__).with_name("documented_commands.yaml").read_text())
PARSERS: Mapping[str, Callable[[Sequence[str]], Any]] = {
    "bench": bench_parser().parse_args,
    "bench.scale": scale_parser().parse_args,
    "config.pin": pin_options,
    "casement.config.pin": pin_options,
    "lab": lab_parser().parse_args,
    "lab.recording": recording_parser().parse_args,
    "operations": operations_parser().parse_args,
    "review": review_parser().parse_args,
}
"""What reads the arguments of each module of ours."""
WITHOUT_ARGUMENTS = {"config.reference", "tests.unit.known_messages"}
OF_OTHERS = {"venv", "pulumi.policy"}
BLOCKS = [(page, language, text) for page in PAGES for language, text in page.blocks()]
YAML = [pytest.param(page, text, id=f"{page} {text[:25]!r}") for page, language, text in BLOCKS if language == "yaml"]
TASKS = ("on-premises.md", "azure.md", "gce.md", "offline.md", "migrating.md", "troubleshooting.md")
POWERSHELL = [text for _, language, text in BLOCKS if language == "powershell"]
BASE = {
    "nodeCidrs": ["10.0.0.0/24"],
    "controlPlane": {"name": "cp1", "address": "10.0.0.11"},
    "windowsNodes": [{"name": "win1", "managementIp": "10.0.0.21", "ssh": {"user": "Administrator"}}],
}
"""What an example leaves out, because it is about something else."""


def entry_of(command: str) -> dict[str, str] | None:
    return next((entry for entry in ENTRIES if re.fullmatch(entry["command"], command)), None)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_run_by_a_test_or_it_is_said_why_not(command: str) -> None:
    assert entry_of(command) is not None, "say in documented_commands.yaml what runs it, or why nothing does"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["command"])
def test_what_is_said_of_commands_holds(entry: dict[str, str]) -> None:
    assert any(entry_of(command) is entry for command in COMMANDS), "no page shows it any more"
    assert len(entry) == 2
    if "not run" in entry:
        assert len(entry["not run"].split()) > 4
        named = re.findall(r"\b(?:tests|lab)/[\w/]+(?:\.\w+)?", entry["not run"])
        assert all((PROJECT / name).exists() for name in named)
        return
    file, _, name = entry["run by"].partition("::")
    assert re.search(rf"^(async )?def {name}\(", (PROJECT / file).read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("command", [each for each in COMMANDS if each.startswith("make ")])
def test_a_make_target_exists_and_gives_its_program_what_that_takes(command: str) -> None:
    done = subprocess.run(
        ["make", "-n", *shlex.split(command)[1:]], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    for line in done.stdout.replace("\\\n", " ").splitlines():
        for each in simple(line):
            takes_arguments(each)


@pytest.mark.parametrize("command", [each for each in COMMANDS if " -m " in each])
def test_a_python_module_takes_its_arguments(command: str) -> None:
    assert takes_arguments(command.replace("'[", "").replace("]'", ""))


def takes_arguments(line: str) -> bool:
    """Return whether a line runs a module of ours; fails where that does not take the arguments."""
    found = re.search(r"python(?:3|\.exe)? -m ([\w.]+)(.*)|py\.exe -3 -m (venv)", line)
    if found is None:
        return False
    module, arguments = found[1] or found[3], shlex.split(found[2] or "")
    if module in PARSERS:
        PARSERS[module](arguments)
    else:
        assert module in WITHOUT_ARGUMENTS | OF_OTHERS | {"pytest"}
        assert module not in WITHOUT_ARGUMENTS or not arguments
    return True


def test_arguments_that_are_not_taken_are_found() -> None:
    with pytest.raises(SystemExit):
        takes_arguments(".venv/bin/python -m operations drift --stak mysite")
    with pytest.raises(AssertionError):
        takes_arguments("python -m nothing")


def test_every_output_of_the_stack_is_told_and_no_other() -> None:
    calls = [node for node in ast.walk(ast.parse((PROJECT / "__main__.py").read_text())) if isinstance(node, ast.Call)]
    exported = {ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "pulumi.export"}
    table = (PROJECT / "docs/operations.md").read_text().partition("## Outputs")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == exported
    shown = {command.split()[-1] for command in COMMANDS if command.startswith("pulumi stack output ")}
    assert shown - {"NAME"} <= exported


def test_every_file_that_is_copied_is_a_stack_file_that_can_be_read() -> None:
    copied = {command.split()[1] for command in COMMANDS if command.startswith("cp ")}
    assert len(copied) == 3
    assert all(read(read_stack_file(PROJECT / file, "casement")).complete for file in copied)


def test_the_list_of_files_is_one_of_addresses(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = (shlex.split(command) for command in COMMANDS if command.startswith("awk "))
    pin([], fetch=lambda _url: None)
    printed = capsys.readouterr().out
    files = subprocess.run(program, input=printed, capture_output=True, text=True, check=True).stdout.split()
    assert len(files) > 10
    assert all(file.startswith("https://") for file in files)


def test_the_images_that_are_fetched_are_those_of_the_settings() -> None:
    fetched = {command.split()[-1] for command in COMMANDS if command.startswith("ctr content fetch ")}
    assert fetched == {f"{Images().pause}:{Versions().pause}", Images().verification}


@pytest.mark.parametrize(("page", "text"), YAML)
def test_an_example_is_valid(page: Page, text: str) -> None:
    document = yaml.safe_load(text)
    given = document.get("config", document)
    values = {key.removeprefix("casement:"): value for key, value in given.items() if str(key).startswith("casement:")}
    for resource in document.get("resources", {}).values():
        values = resource["properties"]
    reading = read({**BASE, **values})
    assert [*reading.problems, *(problem for rule in RULES for problem in rule(reading.settings))] == []
    assert values or page.path.name in ("on-premises.md", "upgrade.md", "pull-requests.md"), "an example of what?"


def test_a_wrong_example_is_found() -> None:
    with pytest.raises(AssertionError):
        test_an_example_is_valid(PAGES[0], "config:\n  casement:vni: 1\n")


@pytest.mark.parametrize("text", POWERSHELL, ids=lambda text: text[:20])
def test_powershell_is_windows_powershell(text: str) -> None:
    script = Script("page.ps1", text)
    assert [*rules.syntax(script), *rules.plain_text(script)] == []
    assert all(re.fullmatch(r"[A-Z]\w+-[A-Z]\w+|[\w.\\-]+\.exe", call.name) for call in script.block.calls())


@pytest.mark.parametrize("page", [page for page in PAGES if page.path.name in TASKS], ids=str)
def test_every_setting_and_every_step_that_a_task_names_is_one(page: Page) -> None:
    names = {name for path, _ in walk(Settings) for name in path.replace("[]", "").split(".")}
    others = {"preflightTable", "imagePullSecrets"}  # an output, and a field of pods
    code = list(page.code())
    keys = {part for each in code if re.fullmatch(r"[a-zA-Z.]+", each) for part in each.split(".")}
    assert {key for key in keys if re.fullmatch(r"[a-z]+([A-Z]\w*)+", key)} <= names | others
    steps = re.findall(r"steps? ((?:`[a-z-]+`(?:, | and | to )?)+)", page.text)
    assert {name for group in steps for name in re.findall(r"`([a-z-]+)`", group)} <= set(STEPS)


def test_every_block_says_what_language_it_is() -> None:
    assert {language for _, language, _ in BLOCKS} == {"console", "mermaid", "powershell", "python", "sh", "yaml"}
