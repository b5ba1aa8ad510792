"""The pure parts of the lab's Windows hosts: command lines, paths, services, registry, features, firewall."""

import re
from pathlib import Path

import pytest

from lab.windows import features
from lab.windows.command_line import NotRecognized, parse_command_line, split
from lab.windows.firewall import ruleset
from lab.windows.folder import HostFolder
from lab.windows.processes import Process, in_tree, program_of
from lab.windows.registry import DWORD, MULTI_SZ, SZ, decode, encode, key_name
from lab.windows.services import Service, in_order, parse_service
from lab.windows.template import registry_file
from lab.windows.types import HNS_SOURCE, source_digest
from lab.windows.wine import LOADER
from plan.shells import SHELLS, command_line
from plan.step import Step

POWERSHELL = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass"
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> HostFolder:
    made = HostFolder(tmp_path)
    (made.drive_c / "Program Files").mkdir(parents=True)
    return made


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r"a b  c", ["a", "b", "c"]),
        (r'"a b" c', ["a b", "c"]),
        (r'"C:\x y\\" z', ["C:\\x y\\", "z"]),
        (r"a\"b \\c", ['a"b', r"\\c"]),
        (r'"" x', ["", "x"]),
    ],
)
def test_arguments_are_split_as_windows_programs_split_them(line: str, words: list[str]) -> None:
    assert split(line) == words


def test_every_command_line_of_the_project_is_one_that_cmd_exe_would_pass_on_unchanged() -> None:
    step = command_line(Step("x", "Test-Host.ps1"), "windows", "Test-Host.ps1", "0123456789ab", False)
    call = parse_command_line(step)
    assert call.file == r"C:\k\casement\windows\Invoke-Step.ps1"
    assert call.arguments[:6] == ("-Script", "Test-Host.ps1", "-Step", "x", "-Revision", "0123456789ab")
    assert parse_command_line(SHELLS["windows"].make_upload).text.startswith("New-Item ")
    assert parse_command_line(SHELLS["windows"].remove_upload).text.startswith("Get-ChildItem ")


def test_a_program_that_cmd_exe_does_not_know_is_refused_in_its_words() -> None:
    with pytest.raises(NotRecognized, match="'bash' is not recognized as an internal or external command"):
        parse_command_line("bash -c true")


@pytest.mark.parametrize("line", [f'{POWERSHELL} -Command "1" > x', f'{POWERSHELL} -Command "%PATH%"', "a & b"])
def test_what_cmd_exe_reads_its_own_meaning_into_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="own meaning"):
        parse_command_line(line)


def test_names_are_found_whatever_their_case(folder: HostFolder) -> None:
    assert folder.path(r"c:\PROGRAM FILES\x") == folder.drive_c / "Program Files" / "x"
    assert folder.path("/C:/program files/x/../y") == folder.drive_c / "Program Files" / "y"
    assert folder.path(r"C:\..\..\etc") == folder.drive_c / "etc"


def test_a_drive_that_the_host_does_not_have_is_refused(folder: HostFolder) -> None:
    with pytest.raises(FileNotFoundError, match="A drive with the name 'D' does not exist"):
        folder.path(r"D:\x")


def test_a_path_of_this_machine_is_told_as_windows_names_it(folder: HostFolder) -> None:
    assert folder.windows_path(folder.drive_c) == "C:\\"
    assert folder.windows_path(folder.drive_c / "k" / "x") == r"C:\k\x"


def service(name: str, *depends: str) -> Service:
    return Service(name, name, "", "LocalSystem", "Automatic", "Stopped", 0, 0, depends)


def test_services_start_after_those_they_depend_on() -> None:
    ordered = in_order([service("kube-proxy", "Kubelet"), service("kubelet", "containerd"), service("containerd")])
    assert [one.name for one in ordered] == ["containerd", "kubelet", "kube-proxy"]


def test_services_that_wait_for_each_other_are_all_there() -> None:
    assert {one.name for one in in_order([service("a", "b"), service("b", "a")])} == {"a", "b"}


def test_a_line_of_the_service_tool_becomes_a_service() -> None:
    line = 'name=kubelet\tdisplay=kubelet\tbinary=C:\\k\\a.exe --x=""\taccount=LocalSystem\ttype=16\tstart=2\tstate=4'
    found = parse_service(line + "\tpid=352\taccepts=5\texit=0\tspecific=0\tdepends=containerd/RpcSs/\r\n")
    assert (found.state, found.start, found.process) == ("Running", "Automatic", 352)
    assert found.binary == 'C:\\k\\a.exe --x=""'
    assert found.depends == ("containerd", "RpcSs")


@pytest.mark.parametrize(
    ("kind", "data"), [(SZ, "text"), (DWORD, 2340), (MULTI_SZ, ["A=1", "B=2"]), (MULTI_SZ, []), (SZ, "")]
)
def test_a_registry_value_comes_back_as_it_was_written(kind: int, data: str | int | list[str]) -> None:
    assert decode(kind, encode(kind, data)) == data


def test_registry_paths_of_powershell_become_keys() -> None:
    assert key_name(r"HKLM:\SOFTWARE\x") == r"HKLM\SOFTWARE\x"
    assert key_name(r"Registry::HKEY_LOCAL_MACHINE\SOFTWARE\x") == r"HKLM\SOFTWARE\x"
    with pytest.raises(ValueError, match="no hive"):
        key_name(r"HKCR:\x")


def test_a_release_has_its_own_build_in_the_registry() -> None:
    assert '"CurrentBuild"="20348"' in registry_file("2022")
    assert '"CurrentBuild"="26100"' in registry_file("2025")
    with pytest.raises(ValueError, match="no Windows Server release '2016'"):
        registry_file("2016")


def test_a_feature_comes_with_the_restart_that_it_asks_for(tmp_path: Path) -> None:
    host = HostFolder(tmp_path)
    assert features.change(host, "Containers", features.INSTALLED)
    assert features.states(host)["Containers"] == "InstallPending"
    assert not features.installed(host, "Containers")
    features.apply_pending(host)
    assert features.installed(host, "Containers")
    assert not features.change(host, "Containers", features.INSTALLED)


def test_taking_back_what_has_not_happened_yet_needs_no_restart(tmp_path: Path) -> None:
    host = HostFolder(tmp_path)
    features.change(host, "Containers", features.INSTALLED)
    assert not features.change(host, "Containers", features.AVAILABLE)
    assert features.states(host)["Containers"] == "Available"


def test_the_firewall_lets_in_what_an_enabled_rule_names_and_drops_the_rest() -> None:
    rule: dict[str, object] = {
        "Name": "a",
        "Direction": "Inbound",
        "Action": "Allow",
        "Enabled": "True",
        "Protocol": "TCP",
    }
    rule |= {"LocalPort": ["10250"], "RemoteAddress": ["10.77.0.0/24"]}
    text = ruleset({"a": rule, "b": rule | {"Enabled": "False", "LocalPort": ["80"]}})
    assert "policy drop;" in text
    assert "ip saddr { 10.77.0.0/24 } tcp dport { 10250 } accept" in text
    assert "80 }" not in text


def test_a_process_tree_holds_what_was_started_in_it_and_nothing_else() -> None:
    root, child, other = Process(5, "a", "t1"), Process(9, "b", "t1/t2"), Process(12, "c", "t10")
    assert in_tree(root, root)
    assert in_tree(child, root)
    assert not in_tree(other, root)
    assert not in_tree(root, child)


def test_a_process_is_known_by_its_windows_program() -> None:
    assert program_of([r"C:\k\flanneld.exe", "--iface=x"]) == r"C:\k\flanneld.exe"
    assert program_of([*LOADER, r"C:\k\flanneld.exe", "--iface=x"]) == r"C:\k\flanneld.exe"
    assert str(program_of(["python", "-m", "lab.windows.worker", "x"])).endswith("powershell.exe")
    assert program_of(["sleep", "infinity"]) is None


def test_the_c_sharp_source_of_the_scripts_is_the_one_that_is_modelled() -> None:
    script = (PROJECT / "scripts/windows/Casement/Hns.ps1").read_text()
    found = re.search(r"\$script:HnsSource = @'\r?\n(.*?)\r?\n'@", script, re.DOTALL)
    assert found is not None
    assert source_digest(found[1]) == HNS_SOURCE
    assert source_digest(found[1].replace("HNSCall", "HnsCall")) != HNS_SOURCE
