r"""A Windows host as Kubernetes' own guide of version 1.14 and 1.15 left it: Docker, ``C:\k``, services by nssm.

The files, services, firewall rules, environment and HNS networks are what the guide and its ``start.ps1`` made; the
programs are stand-ins that run and do nothing, since those of that time speak to no cluster of today.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lab import network
from lab.image_layers import compile_windows_pause
from lab.windows.host import WindowsHost

_PROJECT = Path(__file__).resolve().parents[2]
_POWERSHELL = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command"
_SERVICE_PROGRAM = r"C:\windows\system32\labservice.exe"
_FILES = {
    r"C:\k\start.ps1": "# The guide's script: -ManagementIP 10.77.0.21 -NetworkMode overlay\r\n",
    r"C:\k\sourceVip.json": '{"ip4": {"ip": "10.244.9.2/24"}}\r\n',
    r"C:\k\cni\win-overlay.exe": "",
    r"C:\k\kubelet.log": "",
    r"C:\etc\cni\net.d\cni.conf": '{"name": "vxlan0", "type": "flannel"}\r\n',
    r"C:\etc\kube-flannel\net-conf.json": '{"Network": "10.244.0.0/16"}\r\n',
    r"C:\run\flannel\subnet.env": "FLANNEL_SUBNET=10.244.9.1/24\r\n",
    r"C:\var\lib\kubelet\pki\kubelet.crt": "",
    r"C:\var\lib\cni\networks\vxlan0\10.244.9.2": "",
    r"C:\var\log\pods\trial.log": "",
    r"C:\ProgramData\docker\image\windowsfilter\repositories.json": "{}\r\n",
}
_NOT_PERSISTENT = 8


def make_former(host: WindowsHost, kubeconfig: str) -> None:
    """Make the host such a node: first the Containers feature with its restart, then everything else (10 s)."""
    powershell(host, "Install-WindowsFeature -Name Containers | Out-Null")
    host.restart()
    for path, text in {**_FILES, r"C:\k\config": kubeconfig}.items():
        target = host.files.path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    _copy_programs(host)
    for name, program in (
        ("docker", r"C:\Program Files\Docker\dockerd.exe"),
        ("kubelet", r"C:\k\nssm.exe"),
        ("kube-proxy", r"C:\k\nssm.exe"),
    ):
        line = f"'{program} {name}'" if " " not in program else f"('[{program}[ {name}' -replace '\\[', [char]34)"
        powershell(host, f"New-Service -Name {name} -BinaryPathName {line} | Out-Null; Start-Service {name}")
    _open_window(host)
    rule = "-Direction Inbound -Action Allow"
    powershell(
        host,
        f"New-NetFirewallRule -Name OverlayTraffic4789UDP -DisplayName Overlay {rule} -Protocol UDP -LocalPort 4789"
        f" | Out-Null; New-NetFirewallRule -Name KubeletAllow10250 -DisplayName Kubelet {rule} -Protocol TCP"
        " -LocalPort 10250 | Out-Null",
    )
    key = r"'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'"
    for variable, value in (("KUBECONFIG", r"C:\k\config"), ("HTTP_PROXY", "http://proxy.example.org:3128")):
        powershell(host, f"New-ItemProperty -Path {key} -Name {variable} -Value {value} -Force | Out-Null")
    _make_networks(host)


def powershell(host: WindowsHost, text: str) -> str:
    """Return what a command prints; it must hold no double quote, as on the way through cmd.exe."""
    return host.run(f'{_POWERSHELL} "{text}"').strip()


def _open_window(host: WindowsHost) -> None:
    """Start flanneld as start.ps1 left it, in a window: no service, and no connection that it would end with."""
    host.files.path(r"C:\k\start-flanneld.ps1").write_text("Start-Process -FilePath C:\\k\\flanneld.exe\r\n")
    action = r"New-ScheduledTaskAction -Execute powershell.exe -Argument '-NoProfile -File C:\k\start-flanneld.ps1'"
    powershell(
        host,
        f"Register-ScheduledTask -TaskName window -Action ({action}) | Out-Null; Start-ScheduledTask -TaskName window;"
        " while (-not (Get-Process -Name flanneld -ErrorAction SilentlyContinue)) { Start-Sleep -Milliseconds 200 };"
        " Unregister-ScheduledTask -TaskName window -Confirm:$false",
    )


def _copy_programs(host: WindowsHost) -> None:
    docker = host.files.path(r"C:\Program Files\Docker")
    docker.mkdir(exist_ok=True)
    for target in (docker / "dockerd.exe", host.files.path(r"C:\k\nssm.exe")):
        shutil.copy(host.files.path(_SERVICE_PROGRAM), target)
    with tempfile.TemporaryDirectory() as scratch:
        pause = compile_windows_pause(Path(scratch))
        for name in ("flanneld.exe", "kubelet.exe", "kube-proxy.exe", "kubectl.exe"):
            shutil.copy(pause, host.files.path(rf"C:\k\{name}"))


def _make_networks(host: WindowsHost) -> None:
    """Make External, which is there to have a virtual switch, vxlan0 with a pod's endpoint, and a load balancer."""
    _ask(host, "HcnCreateNetwork", _network("External", "192.168.255.0/30", 9999, 0))
    _settle(host)
    network = _ask(host, "HcnCreateNetwork", _network("vxlan0", "10.244.9.0/24", 4096, _NOT_PERSISTENT))
    _settle(host)
    endpoint = {
        "HostComputeNetwork": network,
        "IpConfigurations": [{"IpAddress": "10.244.9.7"}],
        "MacAddress": "0E-2A-0A-F4-09-07",
    }
    pod = _ask(host, "HcnCreateEndpoint", endpoint, network)
    balancer = {
        "HostComputeEndpoints": [pod],
        "FrontendVIPs": ["10.96.0.10"],
        "SourceVIP": "10.244.9.2",
        "PortMappings": [{"Protocol": 17, "InternalPort": 53, "ExternalPort": 53}],
    }
    _ask(host, "HcnCreateLoadBalancer", balancer)


def _network(name: str, prefix: str, number: int, flags: int) -> dict[str, object]:
    isolation = {"Type": "VSID", "Settings": {"IsolationId": number}}
    subnet = {"IpAddressPrefix": prefix, "Policies": [isolation]}
    return {"Name": name, "Type": "Overlay", "Flags": flags, "Ipams": [{"Subnets": [subnet]}]}


def _ask(host: WindowsHost, function: str, request: object, guid: str = "") -> str:
    """Do a function of the host's HNS from within its namespace, and return the GUID of what it made."""
    program = (
        "import sys; from lab.windows.loopback import NO_GUID, ask; "
        "answer = ask(sys.argv[1], sys.argv[2], sys.argv[3] or NO_GUID); "
        "sys.exit(answer.text) if answer.result else print(answer.guid)"
    )
    inside = ["ip", "netns", "exec", network.namespace(host.name), sys.executable, "-c", program]
    done = subprocess.run(
        [*inside, function, json.dumps(request), guid], cwd=_PROJECT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{host.name}: {function}: {done.stderr}")
    return done.stdout.strip()


def _settle(host: WindowsHost) -> None:
    """Wait until the host is on the network again, after a virtual switch was made."""
    time.sleep(4)
    host.wait()
