"""Services on Windows: order after a restart, what is brought back, and Docker Engine in the place of containerd.

One story on one small cluster: the control plane, a Windows node with containerd, one with Docker.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import yaml

from lab.release import CONTAINERD, DOCKER
from lab.snapshot import Snapshot, differences
from lab.windows import hns_log
from lab.windows.hns_objects import policies, vsid
from lab.windows.host import WindowsHost
from tests.lab.site import Site, linux_host, make_site, snapshots, windows_host
from tests.unit.test_registries import authority

pytestmark = [pytest.mark.lab, pytest.mark.minutes(7), pytest.mark.timeout(1800)]

POWERSHELL = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass"
RUNTIMES = {"win1": "containerd", "win2": "docker"}
WATCH_LOG = r"C:\k\casement\log\Watch-Flannel.log"
LOGS = (*(rf"C:\k\{name}.log" for name in ("kubelet", "kube-proxy", "flanneld", "cri-dockerd")), WATCH_LOG)


@pytest.fixture(scope="module")
def site(lab_hosts: None, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with both runtimes, a mirror and an authority of its own."""
    made = make_site(tmp_path_factory.mktemp("services") / "project")
    configure(made, RUNTIMES)
    return made


@pytest.fixture(scope="module")
def untouched(site: Site) -> dict[str, Snapshot]:
    """What the hosts were like before anything was done to them."""
    return snapshots()


def configure(site: Site, runtimes: dict[str, str]) -> None:
    """Write the stack file, with these Windows nodes and their runtimes."""
    nodes = [node | {"runtime": runtimes[node["name"]]} for node in site.windows_nodes if node["name"] in runtimes]
    mirrors = [{"host": "docker.io", "mirrors": ["https://mirror.example.com:5000"]}]
    site.configure(linuxWorkers=[], windowsNodes=nodes, caBundle=AUTHORITY, registries=mirrors)


AUTHORITY = authority()


def powershell(host: WindowsHost, text: str) -> str:
    """Return what a command prints; it must hold no double quote."""
    return host.run(f'{POWERSHELL} -Command "{text}"').strip()


def service(host: WindowsHost, name: str) -> str:
    """Return the state of a service."""
    return powershell(host, f"[string](Get-Service -Name {name}).Status")


def process(host: WindowsHost, name: str) -> int:
    """Return the process of a service, 0 when it has none."""
    found = f"Get-CimInstance -ClassName Win32_Service | Where-Object {{ $_.Name -eq '{name}' }}"
    return int(powershell(host, f"({found}).ProcessId"))


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    """Return as soon as it is so; fail when it is not in time. A host that is away meanwhile is no error.

    The RuntimeError that was raised last is told.
    """
    deadline = time.monotonic() + seconds
    told = ""
    while time.monotonic() < deadline:
        try:
            if is_so():
                return
        except RuntimeError as error:
            told = f": {error}"
        time.sleep(1)
    pytest.fail(f"not so after {seconds:.0f} s{told}")


def was_restarted(host: WindowsHost, boot: str) -> bool:
    """Return whether a host's boot is another one."""
    return host.boot_id() != boot


def is_back(site: Site, host: WindowsHost) -> bool:
    """Return whether a node is Ready in its present boot, with every service of its own running.

    Raises RuntimeError with what the node says and the ends of its logs when it is not.
    """
    status = site.nodes()[host.name]["status"]
    states = {name: service(host, name) for name in (RUNTIMES[host.name], "kubelet", "kube-proxy")}
    ready = [each for each in status["conditions"] if each["type"] == "Ready"]
    here = status["nodeInfo"]["bootID"] == host.boot_id()
    if here and ready[0]["status"] == "True" and set(states.values()) == {"Running"}:
        return True
    logs = "\n".join(f"-- {path}\n{end_of(host, path)}" for path in LOGS)
    raise RuntimeError(f"{host.name}: services {states}; in its present boot: {here}; {ready}\n{logs}")


def end_of(host: WindowsHost, path: str) -> str:
    """Return the last of what a log file of a host holds."""
    file = host.files.path(path)
    return file.read_text(errors="replace")[-2500:] if file.exists() else "is not there"


def asked_of_hns(host: WindowsHost) -> list[hns_log.Request]:
    """Return what was asked of the host's HNS so far."""
    return hns_log.read(host.files.root)


def load_balancers(host: WindowsHost, address: str) -> list[dict[str, Any]]:
    """Return the load balancers that a host has for a service's address."""
    held = host.files.read("hns", {})["loadbalancers"].values()
    return [one for one in held if address in (one.get("FrontendVIPs") or [])]


def has_load_balancer(host: WindowsHost, address: str, wanted: bool) -> bool:
    """Return whether there is one, or is none, as wanted."""
    return (load_balancers(host, address) != []) is wanted


def source_vip(site: Site, host: WindowsHost) -> str:
    """Return the address that kube-proxy sends from: the one reserved for it, and in the node's pod range."""
    address = yaml.safe_load(host.files.path(r"C:\k\kube-proxy.yaml").read_text())["winkernel"]["sourceVip"]
    assert ip_address(address) in ip_network(site.nodes()[host.name]["spec"]["podCIDR"])
    lease = host.files.path(rf"C:\var\lib\cni\networks\vxlan0\{address}").read_text()
    assert lease.split()[0] == "kube-proxy"
    return str(address)


def test_a_node_becomes_ready_with_either_runtime(site: Site, untouched: dict[str, Snapshot]) -> None:
    assert untouched
    result = site.up()
    assert result.returncode == 0, result.diagnostics
    found = {name: node["status"]["nodeInfo"]["containerRuntimeVersion"] for name, node in site.nodes().items()}
    assert (found["win1"], found["win2"]) == (f"containerd://{CONTAINERD}", f"docker://{DOCKER}")


def test_dockers_pods_are_attached_the_older_way_and_docker_has_no_network_of_its_own(site: Site) -> None:
    host = windows_host("win2")
    asked = {request.function for request in asked_of_hns(host)}
    assert {"HNSCall", "ComputeSystemModify"} <= asked
    assert "ComputeSystemModify" not in {request.function for request in asked_of_hns(windows_host("win1"))}
    configuration = json.loads(host.files.path(r"C:\ProgramData\docker\config\daemon.json").read_text())
    assert configuration["bridge"] == "none"
    assert configuration["registry-mirrors"] == ["https://mirror.example.com:5000"]


def test_flanneld_has_made_the_network_that_linux_nodes_speak_and_has_announced_it(site: Site) -> None:
    for host in map(windows_host, RUNTIMES):
        (network,) = host.files.read("hns", {})["networks"].values()
        assert (network["Name"], network["Type"], vsid(network)) == ("vxlan0", "Overlay", 4096)
        (router,) = policies(network, "DrMacAddress")
        said = site.nodes()[host.name]["metadata"]["annotations"]
        announced = json.loads(said["flannel.alpha.coreos.com/backend-data"])
        assert announced == {"VNI": 4096, "VtepMAC": router["Address"].replace("-", ":").lower()}
        assert said["flannel.alpha.coreos.com/public-ip"] == str(host.address)


def test_a_service_has_its_load_balancer_in_hns_for_as_long_as_it_is_there(site: Site) -> None:
    dns = ("-n", "kube-system")
    site.kubectl(*dns, "expose", "service", "kube-dns", "--name=probe", "--port=5300", "--target-port=53")
    address = site.kubectl(*dns, "get", "service", "probe", "-o", "jsonpath={.spec.clusterIP}")
    query = ("get", "pods", "-l", "k8s-app=kube-dns", "-o", "jsonpath={.items[*].status.podIP}")
    pods = site.kubectl(*dns, *query).split()
    try:
        for host in map(windows_host, RUNTIMES):
            wait_until(partial(has_load_balancer, host, address, True), 60)
            (balancer,) = load_balancers(host, address)
            assert balancer["SourceVIP"] == source_vip(site, host)
            (ports,) = balancer["PortMappings"]
            assert (ports["ExternalPort"], ports["InternalPort"]) == (5300, 53)
            endpoints = host.files.read("hns", {})["endpoints"]
            behind = [endpoints[one.lower()]["IpConfigurations"] for one in balancer["HostComputeEndpoints"]]
            assert sorted(config["IpAddress"] for (config,) in behind) == sorted(pods)
    finally:
        site.kubectl(*dns, "delete", "service", "probe")
    for host in map(windows_host, RUNTIMES):
        wait_until(partial(has_load_balancer, host, address, False), 60)
        taken = [each for each in asked_of_hns(host) if each.verb == "Delete" and each.kind == "LoadBalancer"]
        assert [each.result for each in taken if each.name == f"{address}:5300"] == [0]


def test_every_machine_has_the_sites_authority_and_its_mirrors(site: Site) -> None:
    thumbprint = next(iter(windows_host("win1").files.read("trusted-roots", {})))
    assert set(windows_host("win2").files.read("trusted-roots", {})) == {thumbprint}
    head = linux_host("cp1")
    assert f"casement-{thumbprint}.pem" in head.run("ls /etc/ssl/certs")
    folder = windows_host("win1").files.path(r"C:\ProgramData\containerd\certs.d\docker.io\hosts.toml")
    assert folder.read_text() == head.run("cat /etc/containerd/certs.d/docker.io/hosts.toml")


def test_kubelet_takes_the_grace_period_on_both_systems(site: Site) -> None:
    """Its own place in Windows' order of shutting down it looks for by a call that Wine does not know."""
    asked = '"Creating node shutdown manager" shutdownGracePeriodRequested="1m0s" shutdownGracePeriodCriticalPods="20s"'
    for host in map(windows_host, RUNTIMES):
        log = host.files.path(r"C:\k\kubelet.log").read_text(errors="replace")
        assert "Accept preshutdown" in log
        assert asked in log
    assert asked in linux_host("cp1").run("journalctl --unit kubelet --no-pager")


def test_nodes_that_are_restarted_come_back_by_themselves_and_serve(site: Site) -> None:
    """The network is a new one after each start: kube-proxy must have waited for it, and send from an address of it."""
    hosts = list(map(windows_host, RUNTIMES))
    api = site.kubectl("get", "service", "kubernetes", "-o", "jsonpath={.spec.clusterIP}")
    before = {host.name: (host.boot_id(), len(asked_of_hns(host))) for host in hosts}
    for host in hosts:
        powershell(host, "shutdown.exe /r /t 1 /f")
    for host in hosts:
        boot, calls = before[host.name]
        wait_until(partial(was_restarted, host, boot), 60)
        host.wait()
        wait_until(partial(is_back, site, host), 240)
        wait_until(partial(has_load_balancer, host, api, True), 60)
        order = [f"{each.verb} {each.kind}" for each in asked_of_hns(host)[calls:] if each.result == 0]
        looked = order.index("Enumerate LoadBalancer")
        assert looked < order.index("Create Network") < order.index("Create LoadBalancer")
        assert source_vip(site, host)
    result = site.engine.run("up", "--yes", "--skip-preview", "--replace", "**::cluster-cluster-verified")
    assert result.returncode == 0, result.diagnostics


def test_a_host_network_service_that_crashed_gets_its_load_balancers_back(site: Site) -> None:
    host = windows_host("win1")
    address = site.kubectl("get", "service", "kubernetes", "-o", "jsonpath={.spec.clusterIP}")
    assert load_balancers(host, address)
    calls = len(asked_of_hns(host))
    powershell(host, f"Stop-Process -Id {process(host, 'hns')} -Force; Start-Sleep -Seconds 2; Start-Service -Name hns")
    wait_until(lambda: any(each.function == hns_log.SERVICE_ENDED for each in asked_of_hns(host)[calls:]), 30)
    wait_until(lambda: load_balancers(host, address) != [] and service(host, "kube-proxy") == "Running", 120)
    log = host.files.path(WATCH_LOG).read_text(errors="replace")
    assert "the Host Network Service has started anew: its load balancers are made again" in log
    (network,) = host.files.read("hns", {})["networks"].values()
    assert network["Name"] == "vxlan0"


def test_kube_proxy_that_has_stopped_with_kubelet_is_started_again(site: Site) -> None:
    host = windows_host("win1")
    before = process(host, "kube-proxy")
    assert before
    powershell(host, "Stop-Service -Name kubelet -Force; Start-Service -Name kubelet")
    assert process(host, "kube-proxy") != before
    try:
        wait_until(lambda: process(host, "kube-proxy") not in (0, before), 150)
    except pytest.fail.Exception:
        pytest.fail(f"not started again; the watch says:\n{end_of(host, WATCH_LOG)}")


def test_another_runtime_under_a_node_that_is_a_member_is_refused(site: Site) -> None:
    configure(site, RUNTIMES | {"win1": "docker"})
    result = site.up()
    assert result.returncode != 0
    assert "This host's container runtime is containerd, not docker." in result.text
    configure(site, RUNTIMES)
    result = site.up()
    assert result.returncode == 0, result.diagnostics
    assert is_back(site, windows_host("win1"))


def taken_down_from_the_top(host: WindowsHost, calls: int) -> bool:
    """Return whether a host's network went last, after its endpoints, and those after the last load balancer.

    A pod that ends takes its own endpoint along, whenever that is.
    """
    kinds = ("LoadBalancer", "Endpoint", "Network")
    done = [each for each in asked_of_hns(host)[calls:] if (each.verb, each.result) == ("Delete", 0)]
    taken = [each.kind for each in done if each.kind in kinds]
    last = {kind: max(number for number, each in enumerate(taken) if each == kind) for kind in kinds}
    return last["LoadBalancer"] < last["Endpoint"] < last["Network"] == len(taken) - 1


def test_destroy_leaves_every_host_as_it_was_found(site: Site, untouched: dict[str, Snapshot]) -> None:
    calls = {host: len(asked_of_hns(host)) for host in map(windows_host, RUNTIMES)}
    result = site.engine.run("destroy", "--yes", "--skip-preview", "--run-program", timeout=1500)
    assert result.returncode == 0, result.diagnostics
    assert all(taken_down_from_the_top(host, before) for host, before in calls.items())
    time.sleep(2)
    after = snapshots()
    found = {name: differences(untouched[name], after[name]) for name in untouched}
    assert not {name: each for name, each in found.items() if each}
