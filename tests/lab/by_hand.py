"""What people do to a cluster by hand: secrets left in logs, and things changed that the program had made."""

from __future__ import annotations

import base64
import json
from typing import Any

import yaml

from lab.windows.events import record_event
from lab.windows.host import WindowsHost
from tests.lab.site import Site, linux_host, windows_host

POWERSHELL = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass"
PEM_LINE = "MIIEowIBAAKCAQEAtr1nGkPlantedPlantedPlantedPlantedPlantedPlanted"
SECRETS = {
    "bootstrap token": "plant3.0123456789abcdef",
    "bearer": "planted-bearer-4f7a9c2e",
    "password": "planted-password-91bd",
    "url password": "planted-url-password-77aa",
    "private key": PEM_LINE,
    "variable": "planted-variable-5e5e5e",
}
PEM = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *[PEM_LINE] * 3, "-----END RSA PRIVATE KEY-----"])


def powershell(host: WindowsHost, text: str) -> str:
    return host.run(f'{POWERSHELL} -Command "{text}"')


def traces(files: dict[str, bytes], secrets: dict[str, str]) -> set[tuple[str, str]]:
    """Return where a secret stands, as it is or in base64 at any place in a group of three."""
    found = set()
    for what, secret in secrets.items():
        raw = secret.encode()
        forms = {raw, *(base64.b64encode(b"\0" * n + raw)[(n * 8 + 5) // 6 : -4] for n in range(3))}
        found |= {(what, name) for name, content in files.items() for form in forms if form in content}
    return found


def plant(site: Site) -> None:
    """Put secrets of each kind into logs, configuration, environment, events and objects."""
    win, lin = windows_host("win1"), linux_host("lin1")
    encoded = base64.b64encode(f"token: {SECRETS['bootstrap token']}".encode()).decode()
    text = "\n".join(
        [
            f"joining with {SECRETS['bootstrap token']}",
            f"Authorization: Bearer {SECRETS['bearer']}",
            f'{{"password": "{SECRETS["password"]}"}}',
            f"through http://joe:{SECRETS['url password']}@proxy:3128/",
            PEM,
            f"client-key-data: {base64.b64encode(PEM.encode()).decode()}",
            f"seen in base64: {encoded}",
            "the end of the planted file",
        ]
    )
    for path in (r"C:\var\log\kubelet-2026.log", r"C:\k\casement\log\Planted.log", r"C:\etc\cni\net.d\99-planted.conf"):
        win.files.path(path).write_text(text)
    win.files.path(r"C:\var\log\kube-proxy-wide.log").write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    variable = f"[Environment]::SetEnvironmentVariable('PLANTED_TOKEN', '{SECRETS['variable']}', 'Machine')"
    powershell(win, variable)
    record_event(win.files, "System", "Planted", number=1074, text=text)
    lin.run("cat > /etc/cni/net.d/99-planted.conf && logger -t planted < /etc/cni/net.d/99-planted.conf", text=text)
    lin.run(f"systemd-run --unit planted bash -c 'sleep 900 # --token {SECRETS['variable']}'")
    pod = {"name": "planted", "image": "planted", "env": [{"name": "DB_PASSWORD", "value": SECRETS["password"]}]}
    labels = {"app": "planted"}
    apply(
        site,
        {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {"name": "planted", "namespace": "default", "annotations": {"note": text}},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"nodeSelector": {"kubernetes.io/os": "none"}, "containers": [pod]},
                },
            },
        },
    )


def apply(site: Site, document: dict[str, Any]) -> None:
    path = site.project / "document.yaml"
    path.write_text(yaml.safe_dump(document))
    site.kubectl("apply", "-f", str(path))


def change_by_hand(site: Site) -> None:
    """Make more than ten kinds of change, as people do."""
    win, lin = windows_host("win1"), linux_host("lin1")
    change = "@{ PathName = $s.PathName.Replace('--node-ip=10.77.0.21', '--node-ip=10.77.0.99') }"
    service = "$s = Get-CimInstance -ClassName Win32_Service | Where-Object { $_.Name -eq 'kubelet' }"
    powershell(win, f"{service}; Invoke-CimMethod -InputObject $s -MethodName Change -Arguments {change} | Out-Null")
    conf = win.files.path(r"C:\etc\cni\net.d\10-flannel.conflist")
    conf.write_text(conf.read_text().replace('"vxlan0"', '"vxlan1"'))
    with win.files.path(r"C:\opt\cni\bin\host-local.exe").open("ab") as program:
        program.write(b"changed")
    proxy = win.files.path(r"C:\k\kube-proxy.yaml")
    proxy.write_text(proxy.read_text().replace("networkName: vxlan0", "networkName: vxlan1"))
    powershell(win, "Set-Service -Name kube-proxy -StartupType Automatic")
    powershell(win, r"Remove-MpPreference -ExclusionPath C:\ProgramData\containerd")
    powershell(win, "Set-NetFirewallRule -Name casement-vxlan -Protocol UDP -LocalPort 8472")
    powershell(win, "Unregister-ScheduledTask -TaskName casement-flannel -Confirm:$false")
    powershell(win, r"[Environment]::SetEnvironmentVariable('Path', 'C:\Windows\System32;C:\Windows', 'Machine')")
    key = r"HKLM:\SYSTEM\CurrentControlSet\Services\containerd"
    powershell(
        win,
        f"New-ItemProperty -Path {key} -Name Environment -Value @('A=b') -PropertyType MultiString -Force | Out-Null",
    )
    lin.run("sysctl -w net.ipv4.conf.all.forwarding=0 net.ipv4.ip_forward=0")
    lin.run("echo changed >> /opt/cni/bin/bridge; systemctl disable kubelet.service 2>&1")
    lin.run("echo 'timeout: 5' >> /etc/crictl.yaml")
    site.kubectl("taint", "node", "win1", "os-")
    prefix = "flannel.alpha.coreos.com"
    wrong = '{"VNI":1,"VtepMAC":"0e:2a:00:00:00:01"}'
    site.kubectl("annotate", "node", "win1", "--overwrite", f"{prefix}/backend-data={wrong}")
    site.kubectl("annotate", "node", "lin1", "--overwrite", f"{prefix}/public-ip=10.77.0.99")
    data = json.loads(site.kubectl("get", "cm", "-n", "kube-flannel", "kube-flannel-cfg", "-o", "json"))["data"]
    patch = {"data": {"net-conf.json": data["net-conf.json"].replace("4096", "4100")}}
    site.kubectl("patch", "cm", "-n", "kube-flannel", "kube-flannel-cfg", "-p", json.dumps(patch))


CHANGES = {
    ("win1", "service", "kubelet"): "win1-kubelet-service-registered",
    ("win1", "file", r"C:\etc\cni\net.d\10-flannel.conflist"): "win1-flannel-installed",
    ("win1", "file", r"C:\opt\cni\bin\host-local.exe"): "win1-node-binaries-verified",
    ("win1", "kube-proxy", r"C:\k\kube-proxy.yaml"): "win1-kube-proxy-running",
    ("win1", "service", "kube-proxy"): "win1-kube-proxy-running",
    ("win1", "defender", r"C:\ProgramData\containerd"): "win1-containerd-running",
    ("win1", "firewall", "casement-vxlan"): "win1-firewall-open",
    ("win1", "task", "casement-flannel"): "win1-flannel-installed",
    ("win1", "path", r"C:\k"): "win1-node-binaries-verified",
    ("win1", "registry", r"HKLM:\SYSTEM\CurrentControlSet\Services\containerd\Environment"): "win1-containerd-running",
    ("lin1", "sysctl", "net.ipv4.ip_forward"): "lin1-kernel-set",
    ("lin1", "file", "/opt/cni/bin/bridge"): "lin1-node-binaries-verified",
    ("lin1", "service", "kubelet.service"): "lin1-node-binaries-verified",
    ("lin1", "file", "/etc/crictl.yaml"): "lin1-node-binaries-verified",
    ("win1", "taint", "os"): "win1-ready",
    ("win1", "annotation", "flannel.alpha.coreos.com/backend-data"): "win1-flannel-started",
    ("lin1", "annotation", "flannel.alpha.coreos.com/public-ip"): "lin1-ready",
    ("cluster", "configmap", "kube-flannel/kube-flannel-cfg net-conf.json"): None,
    ("cluster", "daemonset", "default/everywhere"): None,
}
"""Place, kind and name of what was changed, and the step that repairs it; the last two are not for steps."""


def make_stray(site: Site) -> None:
    """Roll out a DaemonSet of somebody who knows Linux only; no image of it ever has to be there."""
    labels = {"app": "everywhere"}
    pod = {
        "tolerations": [{"operator": "Exists"}],
        "containers": [{"name": "x", "image": "x"}],
        # It is about where its pods may run, not about running them.
        "nodeSelector": {"lab/nowhere": "true"},
    }
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    metadata = {"name": "everywhere", "namespace": "default"}
    apply(site, {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata, "spec": spec})
