"""The lab's own Windows hosts: they are what tests of the product stand on."""

import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from lab import ground, network
from lab.machine import prepare_machine
from lab.shell import run
from lab.ssh import Ssh
from lab.windows.host import WindowsHost
from lab.windows.wine import WINE, processes_in

pytestmark = pytest.mark.lab
POWERSHELL = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WindowsHost]:
    prepare_machine()
    folder = tmp_path_factory.mktemp("hosts")
    ssh = Ssh(folder / "ssh")
    ssh.prepare()
    made = WindowsHost("wintrial", IPv4Address("10.77.0.203"), "2022", folder=folder / "wintrial", ssh=ssh)
    with ground.present():
        try:
            made.start()
            yield made
        finally:
            made.erase()


def powershell(host: WindowsHost, text: str) -> str:
    """What a command prints; it must hold no double quote, as on the way through cmd.exe."""
    return host.run(f'{POWERSHELL} -Command "{text}"').strip()


def sftp(host: WindowsHost, batch: str) -> None:
    options = ["-F", "none", "-i", str(host.ssh.private_key), "-o", f"UserKnownHostsFile={host.ssh.known_hosts}"]
    target = f"{host.user}@{host.address}"
    subprocess.run(["sftp", "-q", *options, "-b", "-", target], input=batch, text=True, check=True, capture_output=True)


def boot_time(host: WindowsHost) -> str:
    return powershell(host, "(Get-CimInstance -ClassName Win32_OperatingSystem).LastBootUpTime.ToString('o')")


def test_a_command_goes_through_cmd_exe_to_powershell(host: WindowsHost) -> None:
    assert powershell(host, "[Environment]::MachineName") == "WINTRIAL"
    with pytest.raises(RuntimeError, match="'uname' is not recognized"):
        host.run("uname -a")


def test_the_operating_system_is_windows_server_2022(host: WindowsHost) -> None:
    text = powershell(host, "Get-CimInstance -ClassName Win32_OperatingSystem | ConvertTo-Json")
    system = json.loads(text)
    assert (system["Caption"], system["BuildNumber"]) == ("Microsoft Windows Server 2022 Datacenter", "20348")


def test_a_file_goes_over_sftp_and_back_whatever_the_case_of_its_name(host: WindowsHost, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("one\n")
    batch = f"mkdir /C:/Trial\nput {tmp_path}/there /C:/Trial/File.txt\nget /C:/TRIAL/file.txt {tmp_path}/back\n"
    sftp(host, batch)
    assert (tmp_path / "back").read_text() == "one\n"
    assert powershell(host, r"Get-Content -Path C:\trial\FILE.TXT") == "one"


def test_a_service_of_the_real_service_manager_starts_stops_and_goes(host: WindowsHost) -> None:
    program = r"C:\windows\system32\labservice.exe trial"
    powershell(host, f"New-Service -Name trial -BinaryPathName '{program}' -StartupType Automatic | Out-Null")
    powershell(host, "Start-Service -Name trial")
    assert powershell(host, "(Get-Service -Name trial).Status") == "Running"
    powershell(host, "Stop-Service -Name trial")
    assert powershell(host, "(Get-Service -Name trial).Status") == "Stopped"
    powershell(host, "sc.exe delete trial | Out-Null")
    with pytest.raises(RuntimeError, match="Cannot find any service with service name 'trial'"):
        powershell(host, "Get-Service -Name trial")


def test_a_service_whose_process_ends_is_stopped_and_its_recovery_brings_it_back(host: WindowsHost) -> None:
    program = r"C:\windows\system32\labservice.exe crashing"
    powershell(host, f"New-Service -Name crashing -BinaryPathName '{program}' | Out-Null; Start-Service crashing")
    crash = "Get-Process -Name labservice | Where-Object { $_.Path } | ForEach-Object { Stop-Process -Id $_.Id -Force }"
    powershell(host, f"{crash}; Start-Sleep -Seconds 2")
    assert powershell(host, "(Get-Service -Name crashing).Status") == "Stopped"
    powershell(host, "sc.exe failure crashing reset= 60 actions= restart/500 | Out-Null; Start-Service crashing")
    powershell(host, crash)
    for _ in range(20):
        if powershell(host, "(Get-Service -Name crashing).Status") == "Running":
            break
        time.sleep(0.5)
    else:
        pytest.fail("the service manager did not start the service again")


def test_a_feature_comes_and_everything_is_new_after_the_restart_that_the_host_does_itself(host: WindowsHost) -> None:
    before = boot_time(host)
    powershell(host, "Install-WindowsFeature -Name Containers | Out-Null")
    assert powershell(host, "(Get-WindowsFeature -Name Containers).InstallState") == "InstallPending"
    assert powershell(host, "[string](Get-Service -Name hns -ErrorAction SilentlyContinue)") == ""
    powershell(host, "shutdown.exe /r /t 1 /f | Out-Null")
    time.sleep(2)
    host.wait()
    assert boot_time(host) != before
    assert powershell(host, "(Get-WindowsFeature -Name Containers).InstallState") == "Installed"


def test_no_program_has_its_heap_where_windows_shares_a_page_with_it(host: WindowsHost) -> None:
    """One in some thousands would not start."""
    powershell(host, "Get-Service | Out-Null")
    found = []
    for process in processes_in(host.files):
        with suppress(OSError):
            maps = (process / "maps").read_text()
            if WINE in maps:
                (heap,) = (line for line in maps.splitlines() if line.endswith("[heap]"))
                found.append(int(heap.partition("-")[0], 16))
    assert len(found) > 3
    assert all(start < 0x7E000000 for start in found), [hex(start) for start in found]


def test_only_what_the_firewall_names_comes_in(host: WindowsHost) -> None:
    assert json.loads(powershell(host, "Get-NetFirewallRule -Name OpenSSH-Server-In-TCP | ConvertTo-Json"))["Enabled"]
    inside = ["ip", "netns", "exec", network.namespace(host.name)]
    listener = subprocess.Popen([*inside, "python3", "-m", "http.server", "8123"], stderr=subprocess.DEVNULL)
    try:
        probe = [
            "curl",
            "--silent",
            "--max-time",
            "2",
            "--retry",
            "3",
            "--retry-connrefused",
            f"http://{host.address}:8123/",
        ]
        assert subprocess.run(probe, capture_output=True, check=False).returncode != 0
        rule = "-Name trial -DisplayName trial -Direction Inbound -Action Allow -Protocol TCP -LocalPort 8123"
        powershell(host, f"New-NetFirewallRule {rule} | Out-Null")
        assert subprocess.run(probe, capture_output=True, check=False).returncode == 0
    finally:
        listener.kill()
        listener.wait()


def test_a_power_cut_keeps_services_and_files_and_counts_a_new_boot(host: WindowsHost) -> None:
    program = r"C:\windows\system32\labservice.exe kept"
    powershell(host, f"New-Service -Name kept -BinaryPathName '{program}' -StartupType Automatic | Out-Null")
    before = host.boot_id()
    host.power_cut()
    assert not host.is_running()
    assert not network.namespace_path(host.name).exists()
    host.start()
    assert host.boot_id() != before
    for _ in range(20):
        if powershell(host, "(Get-Service -Name kept).Status") == "Running":
            break
        time.sleep(0.5)
    else:
        pytest.fail("the automatic service did not start with the new boot")


def test_who_is_connected_when_the_adapter_goes_is_told(host: WindowsHost) -> None:
    """Nothing gets to either end any more, and neither hears that the other has given up."""
    port = ["ip", "-n", "casement-switch", "link", "set", host.name]
    began = time.monotonic()
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(powershell, host, "Start-Sleep -Seconds 120")
        time.sleep(3)
        run([*port, "down"])
        try:
            with pytest.raises(RuntimeError, match="ended with 255"):
                asked.result(100)
        finally:
            run([*port, "up"])
    assert 3 < time.monotonic() - began < 60
    assert powershell(host, "[Environment]::MachineName") == "WINTRIAL"
