"""What goes wrong with the credential of a node that has not joined yet; faults as those of lab.faults."""

from __future__ import annotations

import base64
import json
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from lab.faults import Host, wait_for_process
from lab.linux_host import LinuxHost


@dataclass
class KeyLost:
    """The key that a node has made to join with is gone from its disk."""

    def inject(self, host: Host) -> None:
        """Remove it. Raises RuntimeError when it is not there."""
        try:
            if isinstance(host, LinuxHost):
                (host.folder / "root/root/.casement/state/credential/kubelet.conf").unlink()
            else:
                host.files.path(r"C:\k\casement\credential\kubelet.conf").unlink()
        except FileNotFoundError:
            raise RuntimeError(f"{host.name} has no key yet, or has one no more") from None

    def heal(self, host: Host) -> None:
        """Nothing: what the step's error asks for makes another one."""


@dataclass
class CertificateExpired:
    """The next certificate that the control plane issues to a node has run out an hour ago."""

    node: str

    def inject(self, host: Host) -> None:
        """Sign the node's next request in the place of the controller manager. Raises RuntimeError when none comes."""
        assert isinstance(host, LinuxHost)
        number = wait_for_process(host, "^kube-controller-manager ", 5)
        os.kill(number, signal.SIGSTOP)
        try:
            self._sign(host)
        finally:
            os.kill(number, signal.SIGCONT)

    def heal(self, host: Host) -> None:
        """Nothing: the certificate that is issued next is a good one."""

    def _sign(self, host: LinuxHost) -> None:
        admin = "kubectl --cache-dir /run/kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=5s"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            # Another fault may have the API server away.
            with suppress(RuntimeError):
                for request in json.loads(host.run(f"{admin} get csr -o json"))["items"]:
                    conditions = request.get("status", {}).get("conditions", [])
                    name = request["metadata"]["name"]
                    if name.startswith(f"casement-{self.node}-") and conditions:
                        signed = _expired(request["spec"]["request"], host)
                        request["status"]["certificate"] = base64.b64encode(signed).decode()
                        place = f"/apis/certificates.k8s.io/v1/certificatesigningrequests/{name}/status"
                        host.run(f"{admin} replace --raw {place} -f -", text=json.dumps(request))
                        return
            time.sleep(0.2)
        raise RuntimeError(f"{self.node} has asked for no certificate")


def _expired(request: str, host: LinuxHost) -> bytes:
    """Return a certificate for what a request asks, of the host's authority, that is of no use any more (PEM)."""
    asked = x509.load_pem_x509_csr(base64.b64decode(request))
    authority = x509.load_pem_x509_certificate(host.run("cat /etc/kubernetes/pki/ca.crt").encode())
    key = serialization.load_pem_private_key(host.run("cat /etc/kubernetes/pki/ca.key").encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(authority.subject, asked.subject, asked.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=2)).not_valid_after(now - timedelta(hours=1))
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    return made.add_extension(usage, critical=False).sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
