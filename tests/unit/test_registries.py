"""Mirrors of registries and the site's own authorities: what is refused, and what reaches the machines."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.downloads import Downloads, needed
from config.settings import Settings
from plan import linux_node
from tests.unit.example_site import Site
from tests.windows.sample import docker, settings, steps

K8S = {"host": "registry.k8s.io", "mirrors": ["https://mirror.example.com/v2/k8s"]}


def authority(name: str = "site", *, days: int = 30, ca: bool | None = True) -> str:
    """Return a self-signed certificate as PEM; ``ca`` None leaves out what says whether it is of an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = datetime.now(UTC) + timedelta(days=days)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(end - timedelta(days=365)).not_valid_after(end)
    if ca is not None:
        made = made.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("changes", "key", "remedy"),
    [
        ({"host": "https://registry.k8s.io"}, "registries[0].host", "registry.k8s.io"),
        ({"mirrors": []}, "registries[0].mirrors", "give one URL"),
        ({"mirrors": ["mirror.example.com"]}, "registries[0].mirrors[0]", "https://mirror.example.com"),
        ({"mirrors": ["https://u:p@mirror.example.com"]}, "registries[0].mirrors[0]", "https://mirror.example.com"),
        ({"mirrors": ["http://mirror.example.com"]}, "registries[0].mirrors[0]", "set insecure"),
    ],
)
def test_a_mirror_that_containerd_would_pass_over_is_refused(
    site: Site, changes: dict[str, object], key: str, remedy: str
) -> None:
    problem = site.only_problem(registries=[K8S | changes])
    assert problem.key == key
    assert remedy in problem.remedy


def test_a_mirror_without_tls_is_for_those_who_say_so(site: Site) -> None:
    assert site.problems(registries=[K8S | {"mirrors": ["http://mirror.example.com"], "insecure": True}]) == {}


def test_a_registry_that_is_given_twice_is_refused(site: Site) -> None:
    assert "put them together" in site.only_problem(registries=[K8S, K8S]).remedy


def test_what_docker_cannot_mirror_is_refused_for_its_nodes_only(site: Site) -> None:
    assert site.problems(registries=[K8S]) == {}
    problems = site.problems(registries=[K8S], windowsNodes=site.windows(runtime="docker"))
    assert "run containerd" in problems["registries[0].host"].remedy
    hub = {"host": "docker.io", "mirrors": ["https://mirror.example.com/v2/hub"]}
    problems = site.problems(registries=[hub], windowsNodes=site.windows(runtime="docker"))
    assert "https://HOST" in problems["registries[0].mirrors"].remedy


def test_the_mirrors_stand_where_containerd_looks_on_each_system() -> None:
    chosen = settings(registries=[K8S | {"host": "registry.example.com:5000"}, K8S])
    windows = steps(chosen)["containerd-running"].parameters
    assert windows["RegistryFolders"] == ("registry.example.com5000", "registry.k8s.io")
    (made,) = [step for step in linux_node.preparation(chosen, chosen.control_plane, _pinned(chosen))
               if step.name == "containerd-running"]  # fmt: skip
    assert made.parameters["registry_folders"] == ("registry.example.com:5000", "registry.k8s.io")
    assert made.parameters["registry_files"] == windows["RegistryFiles"]


def test_a_mirror_is_asked_first_and_the_registry_itself_at_last() -> None:
    mirrors = ["https://mirror.example.com/v2/k8s", "http://10.0.0.5:5000"]
    chosen = settings(
        registries=[K8S | {"mirrors": mirrors, "insecure": True}, {"host": "docker.io", "mirrors": mirrors}]
    )
    files = steps(chosen)["containerd-running"].parameters["RegistryFiles"]
    assert isinstance(files, tuple)
    first, second = map(tomllib.loads, files)
    assert first["server"] == "https://registry.k8s.io"
    assert list(first["host"]) == mirrors
    assert first["host"][mirrors[0]] == {
        "capabilities": ["pull", "resolve"],
        "override_path": True,
        "skip_verify": True,
    }
    assert first["host"][mirrors[1]] == {"capabilities": ["pull", "resolve"]}
    assert second["server"] == "https://registry-1.docker.io"
    assert "skip_verify" not in second["host"][mirrors[0]]


def test_docker_is_told_the_mirrors_of_docker_io() -> None:
    hub = {"host": "docker.io", "mirrors": ["https://mirror.example.com:5000"], "insecure": True}
    configuration = json.loads(str(steps(docker(registries=[hub]))["docker-running"].parameters["Configuration"]))
    assert configuration["registry-mirrors"] == ["https://mirror.example.com:5000"]
    assert configuration["insecure-registries"] == ["mirror.example.com:5000"]


def test_authorities_are_trusted_before_anything_is_downloaded() -> None:
    bundle = "Our own:\n" + authority("one") + authority("two")
    chosen = settings(caBundle=bundle)
    made = steps(chosen)
    assert list(made).index("ca-trusted") < list(made).index("containerd-running")
    assert made["ca-trusted"].undo == "Uninstall-CaCertificate.ps1"
    certificates, thumbprints = (made["ca-trusted"].parameters[key] for key in ("Certificates", "Thumbprints"))
    assert isinstance(certificates, tuple)
    assert isinstance(thumbprints, tuple)
    assert len(certificates) == 2
    digest = x509.load_pem_x509_certificate(certificates[1].encode()).fingerprint(hashes.SHA1())  # noqa: S303
    assert thumbprints[1] == digest.hex().upper()
    linux = [step.name for step in linux_node.preparation(chosen, chosen.control_plane, _pinned(chosen))]
    assert linux.index("host-packages-present") < linux.index("ca-trusted") < linux.index("containerd-running")
    assert "ca-trusted" not in steps(settings())


@pytest.mark.parametrize(
    ("bundle", "said"),
    [
        ("no certificate", "openssl x509"),
        (authority(days=-1), "successor"),
        (authority(ca=False), "authority that has signed it"),
        (authority(ca=None), "authority that has signed it"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "export it again"),
    ],
)
def test_an_authority_that_no_node_could_use_is_refused(site: Site, bundle: str, said: str) -> None:
    problem = site.only_problem(caBundle=bundle)
    assert problem.key == "caBundle"
    assert said in problem.remedy


def test_a_private_key_among_the_authorities_is_refused_and_not_repeated(site: Site) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    problem = site.only_problem(caBundle=authority() + key.decode())
    assert "make a new key" in problem.remedy
    assert key.decode().splitlines()[1] not in str(problem)


def _pinned(chosen: Settings) -> Downloads:
    return Downloads(chosen, {source.url: "0" * 64 for source in needed(chosen)})
