"""A real control plane on 127.0.0.1 without nodes: etcd, kube-apiserver and kube-controller-manager."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lab.build import build
from lab.programs import UNITS

_CONTROLLERS = "daemonset,garbagecollector,namespace,serviceaccount,job"


def _program(unit: str, name: str) -> str:
    return str(build(next(each for each in UNITS if each.name == unit)) / "bin" / name)


def _ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    found = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return found


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    return key


class _Authority:
    def __init__(self, folder: Path) -> None:
        self._folder, self._key = folder, _key(folder / "ca.key")
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
        self.issue("ca", None, "")

    def issue(self, name: str, key: ec.EllipticCurvePrivateKey | None, group: str) -> None:
        subject = [x509.NameAttribute(NameOID.COMMON_NAME, name)] if key else list(self._name)
        subject += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else []
        now = datetime.datetime.now(datetime.UTC)
        local = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(subject))
            .issuer_name(self._name)
            .public_key((key or self._key).public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=key is None, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key((key or self._key).public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName(local), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        (self._folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def pair(self, name: str, group: str = "") -> None:
        self.issue(name, _key(self._folder / f"{name}.key"), group)


@dataclass(frozen=True)
class Cluster:
    """A running control plane."""

    folder: Path
    url: str
    pool: urllib3.PoolManager

    @property
    def kubeconfig(self) -> str:
        """A kubeconfig of a cluster administrator, with everything in it."""

        def data(name: str) -> str:
            return base64.b64encode((self.folder / name).read_bytes()).decode()

        cluster = {"server": self.url, "certificate-authority-data": data("ca.crt")}
        user = {"client-certificate-data": data("admin.crt"), "client-key-data": data("admin.key")}
        context = {"cluster": "test", "user": "admin"}
        return yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "test", "cluster": cluster}],
                "users": [{"name": "admin", "user": user}],
                "contexts": [{"name": "admin", "context": context}],
                "current-context": "admin",
            }
        )

    def call(self, method: str, path: str, body: object = None, kind: str = "application/json") -> dict[str, Any]:
        """Ask the API server past every provider; an answer of 404 is an empty object."""
        data = None if body is None else json.dumps(body).encode()
        answer = self.pool.request(method, self.url + path, body=data, headers={"Content-Type": kind})
        assert answer.status < 400 or answer.status == 404, answer.data
        return {} if answer.status == 404 else json.loads(answer.data)

    def get(self, path: str) -> dict[str, Any]:
        return self.call("GET", path)


@contextmanager
def _running(folder: Path, program: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{Path(program).name}.log").open("wb") as log:
        process = subprocess.Popen([program, *arguments], cwd=folder, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Run a control plane until the block ends."""
    authority = _Authority(folder)
    authority.pair("apiserver")
    authority.pair("admin", "system:masters")
    _key(folder / "sa.key")
    client, peer, secure, manager = _ports(4)
    pool = urllib3.PoolManager(
        ca_certs=str(folder / "ca.crt"), cert_file=str(folder / "admin.crt"), key_file=str(folder / "admin.key")
    )
    found = Cluster(folder, f"https://127.0.0.1:{secure}", pool)
    (folder / "kubeconfig").write_text(found.kubeconfig)
    etcd = [
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls=http://127.0.0.1:{client}",
        f"--advertise-client-urls=http://127.0.0.1:{client}",
        f"--listen-peer-urls=http://127.0.0.1:{peer}",
        "--unsafe-no-fsync=true",
    ]
    api_server = [
        f"--etcd-servers=http://127.0.0.1:{client}",
        "--bind-address=127.0.0.1",
        f"--secure-port={secure}",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.96.0.0/24",
        "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
        f"--service-account-issuer=https://127.0.0.1:{secure}/",
        "--endpoint-reconciler-type=none",
        *(
            f"--{name}={folder / file}"
            for name, file in (
                ("cert-dir", "."),
                ("client-ca-file", "ca.crt"),
                ("tls-cert-file", "apiserver.crt"),
                ("tls-private-key-file", "apiserver.key"),
                ("service-account-key-file", "sa.key"),
                ("service-account-signing-key-file", "sa.key"),
            )
        ),
    ]
    controllers = [
        f"--kubeconfig={folder / 'kubeconfig'}",
        "--bind-address=127.0.0.1",
        f"--secure-port={manager}",
        "--leader-elect=false",
        f"--controllers={_CONTROLLERS}",
        f"--root-ca-file={folder / 'ca.crt'}",
        f"--service-account-private-key-file={folder / 'sa.key'}",
        "--kube-api-qps=200",
        "--kube-api-burst=400",
    ]
    with ExitStack() as stack:
        stack.enter_context(_running(folder, _program("etcd", "etcd"), *etcd))
        server = stack.enter_context(_running(folder, _program("kubernetes", "kube-apiserver"), *api_server))
        deadline = time.monotonic() + 60
        while not _healthy(found):
            assert server.poll() is None, (folder / "kube-apiserver.log").read_text()[-3000:]
            assert time.monotonic() < deadline, "the API server did not become ready"
            time.sleep(0.1)
        stack.enter_context(_running(folder, _program("kubernetes", "kube-controller-manager"), *controllers))
        yield found


def _healthy(found: Cluster) -> bool:
    try:
        return found.pool.request("GET", f"{found.url}/readyz", retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
