r"""What every script of ``scripts/windows`` changes on a host: an entry for each, checked on the stubs.

To add a script, add an entry to `CASES`:

- ``script``: its file name. Its parameters are those that the real plan passes (tests/windows/sample.py); what the plan
  passes only at run time, and the parameters of scripts that no step names, stand in ``parameters``.
- ``after``: what happened on the host before, in this order: scripts (each as its own first entry says) and events of
  `EVENTS`, which begin with a colon.
- ``changes``: every change of the first run and no other, one line each, in any order: ``+`` made, ``-`` taken away,
  ``~`` changed, then ``file`` or ``folder`` (one that is empty) with its path, or a table of the state
  (`stub_host.first_state`) with the name of the row; of a changed row also FIELD=VALUE. ``*`` stands for any text, and
  for one line or more. That the second run changes nothing at all is tested of every script, and no entry can say
  otherwise.
- ``against``: of a script that undoes another, what happened on a host that the other never ran on; ``changes`` is then
  what still differs from that host.
- ``holds``: the whole content of a file, or of a field as ``TABLE NAME # FIELD``; ``{Name}`` is that parameter.
- ``site``: whose plan it is of, with the one runtime or the other (`sample.SITES`).
- ``folder``: where it runs, if not where it is uploaded to.
- ``prints``: what all of its output must match; by default one JSON object, or nothing.
- ``ends``: what the error says that the script is made to end with.

``python -m pytest tests/windows/test_scripts_executed.py -k NAME`` shows what a script changed, line by line. Read each
line as a promise that the script makes before putting it here. A cmdlet that the stubs lack is added to
tests/windows/stubs, a program to stub_programs.py. An entry that fails is never made weaker to pass: either the script
is wrong, or it was given a new promise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType

from tests.windows import sample
from tests.windows.stub_drive import service
from tests.windows.stub_host import BOOT_FOLDER, SLEEPS, StubMachine
from tests.windows.stub_node_programs import NETWORK
from tests.windows.stub_programs import content


@dataclass(frozen=True)
class Case:
    """One script on one kind of host."""

    script: str
    changes: str = ""
    after: tuple[str, ...] = ()
    against: tuple[str, ...] | None = None
    parameters: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    holds: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    site: str = "containerd"
    folder: str = r"C:\k\casement\windows"
    ends: str = ""
    prints: str = r"(\{.*\})?"
    sleeps: int = SLEEPS
    title: str = ""
    """What tells this entry from another one of the same script."""

    @property
    def name(self) -> str:
        """The script's name, with the title."""
        return f"{self.script}-{self.title}" if self.title else self.script

    @property
    def path(self) -> str:
        """Where the script is on the host."""
        return f"{self.folder}\\{self.script}"

    @property
    def lines(self) -> list[str]:
        """The changes, sorted."""
        return sorted(line.strip() for line in self.changes.splitlines() if line.strip())


def _restarted(machine: StubMachine) -> None:
    """The host has restarted: another boot, features as they were asked for, tasks and services started."""
    state = machine.state()
    for row in state["registry"]:
        if row["Value"] == "BootId":
            row["Data"] += 1
    for row in state["features"]:
        row["InstallState"] = row["InstallState"].replace("InstallPending", "Installed")
    state["restarts"] = []
    machine.save(state)


def _flannel_is_up(machine: StubMachine) -> None:
    """The task has made the pod network, and flanneld runs."""
    machine.put("hnsNetworks", NETWORK)
    machine.put("processes", {"Name": "flanneld", "Id": 777, "Arguments": []})


def _pods(machine: StubMachine) -> None:
    """A pod runs, a service is programmed."""
    machine.put("pods", {"Name": "0a1b"})
    machine.put("hnsEndpoints", {"Name": "endpoint", "ID": "e1", "VirtualNetwork": NETWORK["ID"]})
    machine.put("hnsPolicies", {"Name": "balancer", "ID": "p1"})


def _built_by_hand(machine: StubMachine) -> None:
    r"""The host is a node of the old guide: Docker, C:\k, services by nssm, flanneld in a window, two networks."""
    for path in (
        r"C:\k\start.ps1",
        r"C:\k\cni\win-overlay.exe",
        r"C:\etc\cni\net.d\cni.conf",
        r"C:\run\flannel\subnet.env",
    ):
        machine.write(path, "of the guide")
    kubeconfig = (
        "kind: Config\nclusters:\n- cluster:\n    server: https://api:6443\nusers:\n- name: a\n  user:\n    token: T\n"
    )
    machine.write(r"C:\k\config", f"{kubeconfig}contexts:\n- context:\n    user: admin\n")
    for name, line in (("kubelet", r"C:\k\nssm.exe"), ("kube-proxy", r"C:\k\nssm.exe"), ("docker", "dockerd.exe")):
        machine.put("services", service(name, line, state="Running"))
    machine.put("processes", {"Name": "flanneld", "Id": 777, "Path": r"C:\k\flanneld.exe", "Arguments": []})
    machine.put("hnsNetworks", NETWORK)
    machine.put("hnsNetworks", {**NETWORK, "Name": "External", "ID": "c0de"})
    for name in ("OverlayTraffic4789UDP", "KubeletAllow10250"):
        machine.put("firewall", {"Name": name, "Enabled": "True"})
    for name, value in (("KUBECONFIG", r"C:\k\config"), ("HTTPS_PROXY", "http://proxy:3128")):
        row = {"Key": _ENVIRONMENT, "Value": name, "Kind": "String", "Data": value}
        machine.put("registry", {"Name": f"{_ENVIRONMENT}|{name}", **row})


def _networks_gone(machine: StubMachine) -> None:
    """The task has removed the former node's networks."""
    for name in ("vxlan0", "External"):
        machine.drop("hnsNetworks", name)


def _recorded(machine: StubMachine) -> None:
    """A step is on record, with a file that is gone."""
    fact = {"kind": "file", "name": r"C:\k\gone.yaml", "value": "1" * 64}
    record = {"step": "x", "script": "X.ps1", "revision": "1", "input": "2", "ended": "now", "outcome": "succeeded"}
    machine.write(r"C:\k\casement\state\step-x.json", json.dumps({**record, "facts": [fact]}))


EVENTS: Mapping[str, Callable[[StubMachine], None]] = {
    ":restarted": _restarted,
    ":flannel is up": _flannel_is_up,
    ":pods run": _pods,
    ":a step is on record": _recorded,
    ":built by hand": _built_by_hand,
    ":networks are gone": _networks_gone,
}


def _digest(url: str) -> str:
    return sha256(content(url).encode()).hexdigest()


def _with_kubelet_of(url: str) -> tuple[str, ...]:
    """Return the programs of the plan, kubelet from another address."""
    planned = sample.all_steps(_digest)["containerd", "upgrade-staged"].parameters["Programs"]
    assert isinstance(planned, tuple)
    other = rf"kubelet|{url}|{_digest(url)}|C:\k|kubelet.exe"
    return tuple(other if line.startswith("kubelet|") else line for line in planned)


_FEATURE = ("Install-ContainersFeature.ps1", ":restarted", "Confirm-Restart.ps1")
_RUNTIME = (*_FEATURE, "Install-Containerd.ps1")
_PROGRAMS = (*_RUNTIME, "Install-NodeBinaries.ps1", "Import-Images.ps1", "Open-Firewall.ps1")
_PREPARED = (*_PROGRAMS, "Install-KubeletService.ps1")
_ASKED = (*_PREPARED, "Request-Credential.ps1")
_JOINED = (*_ASKED, "Join-Cluster.ps1")
_FLANNEL = (*_JOINED, "Install-Flannel.ps1", "Start-Flannel.ps1", ":flannel is up")
_NODE = (*_FLANNEL, "Install-KubeProxy.ps1", ":pods run")
_LEFT_BY_RUNTIME = r"""
+ acl C:\k
+ acl C:\etc\cni\net.d
+ acl C:\opt\cni\bin
+ folder C:\etc\cni\net.d
+ folder C:\opt\cni\bin
+ file C:\k\casement\state\log-folders.json
"""
_CREDENTIAL = {"Certificate": "certificate of win1", "Authority": "certificate of the cluster"}
_WATCH = {"NodeName": "win1", "ManagementIP": "10.77.0.21", "NetworkName": "vxlan0", "LogFolder": r"C:\k"}
_DOCKER = (*_FEATURE, "Install-Docker.ps1", "Install-NodeBinaries.ps1")
_CRI_DOCKERD = (*_DOCKER, "Install-CriDockerd.ps1")
_UPDATES = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU"
_OWNERS = ("*S-1-5-18:(OI)(CI)F", "*S-1-5-32-544:(OI)(CI)F")
_ENVIRONMENT = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
_PATH = rf"registry {_ENVIRONMENT}|Path"
_URL = "https://dl.example.org/release/v1.36.3/bin/windows/amd64/kubelet.exe"
_OTHER_KUBELET = _with_kubelet_of(_URL)

CASES = (
    Case("Test-Host.ps1"),
    Case(
        "Install-ContainersFeature.ps1",
        r"""
        ~ features Containers InstallState=InstallPending
        + file C:\k\casement\state\containers-feature.json
        + file C:\k\casement\state\restart.json
        """,
    ),
    Case("Restart-Host.ps1", "+ restarts planned", after=("Install-ContainersFeature.ps1",)),
    Case("Restart-Host.ps1", title="needed-by-nobody"),
    Case(
        "Confirm-Restart.ps1",
        r"- file C:\k\casement\state\restart.json",
        after=("Install-ContainersFeature.ps1", ":restarted"),
    ),
    Case(
        "Confirm-Restart.ps1",
        after=("Install-ContainersFeature.ps1",),
        ends="has not restarted, which feature Containers needs",
        sleeps=3,
        title="without-a-restart",
    ),
    Case(
        "Install-Containerd.ps1",
        r"""
        + services containerd
        + file C:\Program Files\containerd\*
        + file C:\k\crictl.exe
        + defender ExclusionPath C:\ProgramData\containerd
        + defender ExclusionProcess C:\Program Files\containerd\containerd.exe
        + defender ExclusionProcess C:\Program Files\containerd\containerd-shim-runhcs-v1.exe
        + defender ExclusionProcess C:\Program Files\containerd\ctr.exe
        + defender ExclusionProcess C:\k\kubelet.exe
        + defender ExclusionProcess C:\k\kube-proxy.exe
        + defender ExclusionProcess C:\k\flanneld.exe
        + defender ExclusionProcess C:\opt\cni\bin\*
        + acl C:\k
        + acl C:\Program Files\containerd
        + acl C:\ProgramData\containerd
        + acl C:\opt\cni\bin
        + acl C:\etc\cni\net.d
        + folder C:\*
        + file C:\k\casement\state\*
        """,
        after=_FEATURE,
        holds={
            r"file C:\Program Files\containerd\config.toml": "{Configuration}",
            "services containerd # State": "Running",
            "services containerd # Recovery": "reset= 3600 actions= restart/5000/restart/10000/restart/60000",
        },
    ),
    Case(
        "Install-NodeBinaries.ps1",
        rf"""
        + file C:\k\kubelet.exe
        + file C:\k\kubeadm.exe
        + file C:\k\kubectl.exe
        + file C:\k\kube-proxy.exe
        + file C:\k\kube-log-runner.exe
        + file C:\k\flanneld.exe
        + file C:\opt\cni\bin\flannel.exe
        + file C:\opt\cni\bin\host-local.exe
        + file C:\opt\cni\bin\win-overlay.exe
        ~ {_PATH} Data=%SystemRoot%/system32;%SystemRoot%;C:/k
        - folder C:\opt\cni\bin
        + file C:\k\casement\state\*
        """,
        after=_RUNTIME,
    ),
    Case(
        "Import-Images.ps1",
        r"""
        + images registry.example.org/site:1
        + images registry.k8s.io/pause:3.10.2
        + file C:\k\casement\state\images-*.json
        """,
        after=_RUNTIME,
    ),
    Case(
        "Open-Firewall.ps1",
        """
        + firewall casement-kubelet
        + firewall casement-vxlan
        """,
        holds={
            "firewall casement-kubelet # LocalPort": "['10250']",
            "firewall casement-vxlan # Protocol": "UDP",
            "firewall casement-vxlan # RemoteAddress": "['10.77.0.0/24']",
        },
    ),
    Case("Close-Firewall.ps1", after=("Open-Firewall.ps1",), against=()),
    Case(
        "Install-KubeletService.ps1",
        r"""
        + services kubelet
        + acl C:\etc\kubernetes
        + acl C:\var\lib\kubelet
        + folder C:\etc\kubernetes\manifests
        + folder C:\var\lib\kubelet
        + file C:\k\patches\kubeletconfiguration+merge.yaml
        + file C:\k\casement\state\service-kubelet.json
        + file C:\k\casement\state\preshutdown-order.json
        """,
        after=_PROGRAMS,
        holds={
            "services kubelet # PathName": "{CommandLine}",
            "services kubelet # State": "Stopped",
            "services kubelet # DependsOn": "['containerd']",
            # The last are users, ContainerUser among them, who read the volumes of their pods here.
            r"acl C:\var\lib\kubelet # Rights": str(
                ["/inheritance:r", "/grant:r", *_OWNERS, "*S-1-5-32-545:(OI)(CI)RX"]
            ),
            r"acl C:\etc\kubernetes # Rights": str(["/inheritance:r", "/grant:r", *_OWNERS]),
            r"file C:\k\patches\kubeletconfiguration+merge.yaml": "{KubeletPatch}",
        },
    ),
    Case(
        "Request-Credential.ps1",
        r"""
        + file C:\k\casement\credential\kubelet.conf
        + file C:\k\casement\credential\kubelet.conf.csr
        """,
        after=_PREPARED,
        prints="request of win1",
    ),
    Case(
        "Join-Cluster.ps1",
        r"""
        - file C:\k\casement\credential\kubelet.conf
        + file C:\etc\kubernetes\kubelet.conf
        + file C:\etc\kubernetes\pki\ca.crt
        + file C:\var\lib\kubelet\config.yaml
        - folder C:\var\lib\kubelet
        + folder C:\var\lib\kubelet\pki
        + acl C:\var\lib\kubelet\pki
        ~ services kubelet State=Running
        ~ services kubelet Starts=1
        ~ registry HKLM\SYSTEM\CurrentControlSet\Control|PreshutdownOrder Data=*
        + file C:\k\casement\state\joined.json
        """,
        after=_ASKED,
        parameters=_CREDENTIAL,
    ),
    Case(
        "Install-Flannel.ps1",
        r"""
        + tasks casement-flannel
        + acl C:\etc\kube-flannel
        - folder C:\etc\cni\net.d
        + file C:\etc\kube-flannel\net-conf.json
        + file C:\etc\cni\net.d\10-flannel.conflist
        + file C:\k\casement\flannel\*
        + file C:\k\casement\state\host-network.json
        """,
        after=_JOINED,
        holds={
            r"file C:\etc\kube-flannel\net-conf.json": "{NetConf}",
            r"file C:\etc\cni\net.d\10-flannel.conflist": "{ConfList}",
            "tasks casement-flannel # State": "Ready",
            "tasks casement-flannel # UserId": "SYSTEM",
        },
    ),
    Case(
        "Start-Flannel.ps1",
        """
        ~ tasks casement-flannel State=Running
        ~ tasks casement-flannel Starts=1
        """,
        after=(*_JOINED, "Install-Flannel.ps1"),
    ),
    Case(
        "Install-KubeProxy.ps1",
        r"""
        + services kube-proxy
        + file C:\k\kube-proxy.yaml
        + file C:\k\casement\kube-proxy.template.yaml
        + file C:\var\lib\cni\networks\vxlan0\10.244.1.2
        + file C:\var\lib\cni\networks\vxlan0\last_reserved_ip.0
        + file C:\k\casement\state\kube-proxy.lock
        + file C:\k\casement\state\service-kube-proxy.json
        """,
        after=_FLANNEL,
        holds={
            "services kube-proxy # PathName": "{CommandLine}",
            "services kube-proxy # State": "Running",
            "services kube-proxy # Starts": "1",
            r"file C:\k\casement\kube-proxy.template.yaml": "{Configuration}",
        },
    ),
    Case(
        "Watch-Flannel.ps1",
        r"""
        ~ processes flanneld Arguments=*--iface=10.77.0.21*
        - hnsPolicies balancer
        ~ services kube-proxy Starts=2
        + file C:\k\casement\state\pod-network.json
        """,
        after=_NODE,
        folder=r"C:\k\casement\flannel",
        parameters=_WATCH,
        sleeps=12,
        ends="out of time",
    ),
    Case(
        "Save-Upgrade.ps1",
        r"""
        + annotations casement/upgrade
        + file C:\k\versions\kubelet-*\kubelet.exe
        + file C:\k\versions\kubelet-*\files.json
        """,
        after=_NODE,
        parameters={"Programs": _OTHER_KUBELET},
        holds={"annotations casement/upgrade # Value": "kubelet"},
    ),
    Case("Save-Upgrade.ps1", after=_NODE, title="nothing-new"),
    Case(
        "Update-Node.ps1",
        r"""
        ~ file C:\k\kubelet.exe
        ~ file C:\k\casement\state\archive-kubelet.json
        + file C:\k\versions\kubelet-*
        - file C:\k\versions\kubelet-*
        ~ file C:\var\lib\kubelet\config.yaml
        - hnsPolicies balancer
        ~ services containerd Starts=2
        ~ services kubelet Starts=2
        ~ services kube-proxy Starts=2
        ~ processes flanneld Id=778
        """,
        after=(*_NODE, "Save-Upgrade.ps1"),
        parameters={"Programs": _OTHER_KUBELET},
    ),
    Case("Update-Node.ps1", after=_NODE, title="nothing-new"),
    Case(
        "Uninstall-KubeProxy.ps1",
        r"""
        + file C:\var\lib\cni\networks\vxlan0\last_reserved_ip.0
        - hnsPolicies balancer
        """,
        after=_NODE,
        against=(*_FLANNEL, ":pods run"),
    ),
    Case(
        "Stop-Flannel.ps1",
        """
        + tasks casement-flannel-removal
        ~ tasks casement-flannel State=Disabled
        ~ services kubelet State=Stopped
        ~ services kube-proxy State=Stopped
        - processes flanneld
        - pods 0a1b
        """,
        after=_NODE,
    ),
    Case(
        "Remove-PodNetwork.ps1",
        """
        - hnsPolicies balancer
        - hnsEndpoints endpoint
        - hnsNetworks vxlan0
        """,
        after=_NODE,
        folder=r"C:\k\casement\flannel",
        parameters=_WATCH,
    ),
    Case(
        "Uninstall-Flannel.ps1",
        "~ services kubelet State=Stopped",
        after=(*_FLANNEL, ":pods run"),
        against=_JOINED,
    ),
    Case(
        "Reset-Node.ps1",
        """
        + file C:\\k\\casement\\credential\\kubelet.conf.csr
        ~ services kubelet Starts=1
        ~ registry HKLM\\SYSTEM\\CurrentControlSet\\Control|PreshutdownOrder Data=*
        - folder C:\\etc\\kubernetes\\manifests
        + folder C:\\etc\\kubernetes
        """,
        after=_JOINED,
        against=_PREPARED,
    ),
    Case(
        "Uninstall-KubeletService.ps1",
        r"""
        - acl C:\etc\cni\net.d
        - folder C:\etc\cni\net.d
        """,
        after=_PREPARED,
        against=_PROGRAMS,
    ),
    Case(
        "Uninstall-NodeBinaries.ps1",
        r"""
        - acl C:\opt\cni\bin
        - folder C:\opt\cni\bin
        """,
        after=(*_RUNTIME, "Install-NodeBinaries.ps1"),
        against=_RUNTIME,
    ),
    Case(
        "Uninstall-Containerd.ps1",
        _LEFT_BY_RUNTIME,
        after=(*_RUNTIME, "Import-Images.ps1"),
        against=_FEATURE,
    ),
    Case(
        "Uninstall-ContainersFeature.ps1",
        "~ features Containers InstallState=UninstallPending",
        after=_FEATURE,
        against=(":restarted",),
    ),
    Case(
        "Restore-Host.ps1",
        r"""
        ~ features Containers InstallState=UninstallPending
        + acl C:\k
        """,
        after=_NODE,
        against=(":restarted",),
    ),
    Case(
        "Set-UpdatePolicy.ps1",
        rf"""
        + registry {_UPDATES}|NoAutoUpdate
        + registry {_UPDATES}|AUOptions
        + registry {_UPDATES}|
        + file C:\k\casement\state\update-policy.json
        """,
        holds={
            f"registry {_UPDATES}|NoAutoUpdate # Data": "1",
            f"registry {_UPDATES}|NoAutoUpdate # Kind": "DWord",
        },
    ),
    Case("Restore-UpdatePolicy.ps1", after=("Set-UpdatePolicy.ps1",), against=()),
    Case(
        "Install-Docker.ps1",
        r"""
        + defender ExclusionPath C:\ProgramData\docker
        + defender ExclusionProcess C:\Program Files\docker\docker.exe
        + defender ExclusionProcess C:\Program Files\docker\dockerd.exe
        + defender ExclusionProcess C:\k\cri-dockerd.exe
        + defender ExclusionProcess C:\k\kubelet.exe
        + defender ExclusionProcess C:\k\kube-proxy.exe
        + defender ExclusionProcess C:\k\flanneld.exe
        + defender ExclusionProcess C:\opt\cni\bin\*
        + services docker
        + file C:\Program Files\docker\docker.exe
        + file C:\Program Files\docker\dockerd.exe
        + file C:\ProgramData\docker\config\daemon.json
        + defender ExclusionPath C:\ProgramData\docker
        + defender ExclusionProcess C:\Program Files\docker\*
        + defender ExclusionProcess C:\k\cri-dockerd.exe
        + defender ExclusionProcess C:\k\kubelet.exe
        + defender ExclusionProcess C:\k\kube-proxy.exe
        + defender ExclusionProcess C:\k\flanneld.exe
        + defender ExclusionProcess C:\opt\cni\bin\*
        + acl C:\k
        + acl C:\Program Files\docker
        + acl C:\ProgramData\docker
        + acl C:\opt\cni\bin
        + acl C:\etc\cni\net.d
        + folder C:\opt\cni\bin
        + folder C:\etc\cni\net.d
        + file C:\k\casement\state\*
        """,
        after=_FEATURE,
        site="docker",
        holds={
            r"file C:\ProgramData\docker\config\daemon.json": "{Configuration}",
            "services docker # State": "Running",
        },
    ),
    Case(
        "Install-CriDockerd.ps1",
        r"""
        + tasks casement-cri-dockerd
        + acl C:\var\lib\cri-dockerd
        + folder C:\var\lib\cri-dockerd
        + file C:\k\cri-dockerd.exe
        + file C:\k\crictl.exe
        + file C:\k\casement\cri-dockerd\*
        + file C:\k\casement\state\*
        """,
        after=_DOCKER,
        site="docker",
        holds={
            r"file C:\k\casement\cri-dockerd\arguments.txt": "{Arguments}",
            "tasks casement-cri-dockerd # State": "Running",
        },
    ),
    Case(
        "Import-Images.ps1",
        r"""
        + images registry.example.org/site:1
        + images registry.k8s.io/pause:3.10.2
        + file C:\k\casement\state\images-*.json
        """,
        after=_CRI_DOCKERD,
        site="docker",
        title="docker",
    ),
    Case(
        "Watch-CriDockerd.ps1",
        "+ processes cri-dockerd",
        after=_CRI_DOCKERD,
        folder=r"C:\k\casement\cri-dockerd",
        parameters=_WATCH,
        sleeps=3,
        ends="out of time",
    ),
    Case(
        "Uninstall-CriDockerd.ps1",
        after=_CRI_DOCKERD,
        site="docker",
        against=_DOCKER,
    ),
    Case(
        "Uninstall-Docker.ps1",
        _LEFT_BY_RUNTIME,
        after=(*_FEATURE, "Install-Docker.ps1"),
        site="docker",
        against=_FEATURE,
    ),
    Case(
        "Start-UnderlayAnswer.ps1",
        r"""
        + tasks casement-underlay
        + firewall casement-underlay
        + file C:\sent.txt
        """,
        holds={
            r"file C:\sent.txt": "casement-ask 1 64",
            "tasks casement-underlay # State": "Running",
            "firewall casement-underlay # LocalPort": "['4789']",
        },
    ),
    Case("Start-UnderlayAnswer.ps1", after=(":flannel is up",), title="with-flannel"),
    Case("Stop-UnderlayAnswer.ps1", "+ file C:\\sent.txt", after=("Start-UnderlayAnswer.ps1",), against=()),
    Case(
        "Watch-Underlay.ps1",
        r"+ file C:\sent.txt",
        parameters={"VxlanPort": 4789, "ManagementIP": "10.77.0.21"},
        ends="out of time",
        holds={r"file C:\sent.txt": "casement-answer 1 64"},
    ),
    Case(
        "Set-PortRange.ps1",
        r"""
        ~ ports tcp Start=*
        ~ ports tcp Count=*
        + file C:\k\casement\state\port-range.json
        """,
    ),
    Case("Restore-PortRange.ps1", after=("Set-PortRange.ps1",), against=()),
    Case(
        "Disable-ChecksumOffload.ps1",
        r"""
        ~ adapters Ethernet ChecksumOffload=Disabled
        + file C:\k\casement\state\checksum-offload.json
        """,
    ),
    Case("Restore-ChecksumOffload.ps1", after=("Disable-ChecksumOffload.ps1",), against=()),
    Case(
        "Install-CaCertificate.ps1",
        r"""
        + certificates *
        + file C:\k\casement\state\ca-certificates.json
        """,
    ),
    Case("Uninstall-CaCertificate.ps1", after=("Install-CaCertificate.ps1",), against=()),
    Case("Compare-Facts.ps1", after=(":a step is on record",), prints=r'\{"records":.*"present":"absent".*\}'),
    Case("Export-Logs.ps1", after=_JOINED),
    Case(
        "Compress-Logs.ps1",
        r"+ file C:\k\casement\collected.tar.gz",
        after=("Export-Logs.ps1",),
        prints=r"C:.k.casement.collected\.tar\.gz",
    ),
    Case(
        "Invoke-Step.ps1",
        r"""
        + firewall casement-kubelet
        + firewall casement-vxlan
        + acl C:\k\casement
        + file C:\k\casement\state\*
        """,
        parameters={
            "Step": "firewall-open",
            "Script": "Open-Firewall.ps1",
            "Began": "earlier",
            "stdin": '{"NodeCidrs": ["10.77.0.0/24"], "VxlanPort": 4789}',
        },
    ),
    Case("Get-FormerNode.ps1", after=(":built by hand",)),
    Case(
        "Stop-FormerNode.ps1",
        r"""
        - services kubelet
        - services kube-proxy
        - processes flanneld
        ~ services docker State=Stopped
        ~ services docker StartMode=Disabled
        + tasks casement-flannel-removal
        + file C:\k\casement\state\host-network.json
        """,
        after=(":built by hand",),
    ),
    Case(
        "Move-FormerNode.ps1",
        rf"""
        - tasks casement-flannel-removal
        - file C:\k\casement\state\host-network.json
        - file C:\k\*
        - file C:\etc\cni\net.d\cni.conf
        - file C:\run\flannel\subnet.env
        - firewall OverlayTraffic4789UDP
        - firewall KubeletAllow10250
        - registry {_ENVIRONMENT}|KUBECONFIG
        - registry {_ENVIRONMENT}|HTTPS_PROXY
        + file C:\k\casement\former\*\k\start.ps1
        + file C:\k\casement\former\*\k\kept.txt
        + file C:\k\casement\former\*\k\cni\win-overlay.exe
        + file C:\k\casement\former\*\etc\cni\net.d\cni.conf
        + file C:\k\casement\former\*\run\flannel\subnet.env
        + file C:\k\casement\former\*\secret\config
        + file C:\k\casement\former\*\secret\config.about.txt
        + file C:\k\casement\former\*\secret\environment-KUBECONFIG.txt
        + file C:\k\casement\former\*\secret\environment-HTTPS_PROXY.txt
        + acl C:\k\casement\former*
        """,
        after=(":built by hand", "Stop-FormerNode.ps1", ":networks are gone"),
    ),
    Case("Get-FormerNode.ps1", after=_PREPARED, title="of-ours"),
    Case("Stop-FormerNode.ps1", after=_NODE, title="of-ours"),
    Case("Move-FormerNode.ps1", after=_NODE, title="of-ours"),
    Case(
        "Open-Ssh.ps1",
        r"""
        + users casement
        + services sshd
        + file C:\ProgramData\ssh\sshd_config
        + file C:\ProgramData\ssh\ssh_host_ed25519_key.pub
        + file C:\ProgramData\ssh\administrators_authorized_keys
        + acl C:\ProgramData\ssh\administrators_authorized_keys
        + firewall OpenSSH-Server-In-TCP
        ~ adapters Ethernet NlMtu=1460
        + published http://stub/hostkeys/ssh-ed25519
        """,
        parameters={
            "User": "casement",
            "PublicKey": "ssh-ed25519 AAAA",
            "Mtu": 1460,
            "AttributesUrl": "http://stub/hostkeys",
            "AttributesHeader": "Metadata-Flavor: Stub",
        },
        holds={
            "users casement # Administrator": "True",
            "services sshd # State": "Running",
            "services sshd # StartMode": "Auto",
            "firewall OpenSSH-Server-In-TCP # Profile": "Any",
            "published http://stub/hostkeys/ssh-ed25519 # Body": "AAAAC3Nz",
            r"acl C:\ProgramData\ssh\administrators_authorized_keys # Rights": "O:BAD:PAI(A;;FA;;;BA)(A;;FA;;;SY)",
        },
        folder=BOOT_FOLDER,
        prints="ssh-ed25519 AAAAC3Nz",
    ),
)
