"""Rules about where things come from: mirror, proxy, archives, images; and about DNS names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from config.certificates import certificate_fault, split_pem
from config.problems import Problem, shown
from config.rules_nodes import LABEL, LABEL_MAX
from config.schema import keys
from config.settings import Images, Settings

DOMAIN_MAX = 253
_REGISTRY = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]{1,5})?")
_IMAGE = re.compile(r"[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9._-]+)*(?P<tag>:[\w.-]+|@sha256:[0-9a-f]{64})?")


def the_cluster_domain_is_a_domain(settings: Settings) -> Iterator[Problem]:
    """CoreDNS and every pod's resolver take it."""
    domain = settings.cluster_domain
    labels = domain.split(".")
    if len(domain) > DOMAIN_MAX or not all(LABEL.fullmatch(label) and len(label) <= LABEL_MAX for label in labels):
        rule = "must be a DNS domain: lower-case labels with dots between them, none at the ends"
        yield Problem("clusterDomain", domain or "(empty)", rule, "cluster.local is usual")


def the_cluster_name_is_a_name(settings: Settings) -> Iterator[Problem]:
    """It becomes part of names in kubeconfig files."""
    name = settings.cluster_name
    if not LABEL.fullmatch(name) or len(name) > LABEL_MAX:
        rule = f"must be lower-case letters, digits and hyphens, at most {LABEL_MAX}"
        yield Problem("clusterName", name or "(empty)", rule, "write a name such as kubernetes")


def the_mirror_is_a_url(settings: Settings) -> Iterator[Problem]:
    """Host and path of the official URL are put behind it."""
    mirror = settings.mirror
    if mirror is not None and not _is_web(mirror, path_allowed=True):
        rule = "must be http(s)://HOST[:PORT][/PATH], without a query or password"
        remedy = "write it as http://mirror.example.com/kubernetes; below it are folders named after the hosts"
        yield Problem("mirror", shown(mirror), rule, remedy)


def proxies_are_urls(settings: Settings) -> Iterator[Problem]:
    """An address without http:// in front is not understood by every program."""
    proxy = settings.proxy
    if proxy is None:
        return
    for name, url in (("http", proxy.http), ("https", proxy.https)):
        if url and not _is_web(url, path_allowed=False):
            rule = "must be http://HOST:PORT, without a password: it would be readable on every node and in the state"
            yield Problem(f"proxy.{name}", shown(url), rule, "write it as http://proxy.example.com:3128")
    if not proxy.http and not proxy.https:
        value = shown(proxy.model_dump(by_alias=True, exclude_none=True))
        rule = "names no proxy: neither http nor https is given"
        yield Problem("proxy", value, rule, "give one of them, or leave proxy out")
    for position, entry in enumerate(proxy.no_proxy):
        if not re.fullmatch(r"[^\s,]+", entry):
            rule = "must be one host, .domain or range, without spaces and commas"
            yield Problem(f"proxy.noProxy[{position}]", shown(entry), rule, "write each on a line of its own")


def image_archives_are_urls(settings: Settings) -> Iterator[Problem]:
    """Nodes fetch them as any other download."""
    seen: dict[tuple[str, str], int] = {}
    for position, archive in enumerate(settings.image_archives):
        key = f"imageArchives[{position}].url"
        if not _is_web(archive.url, path_allowed=True) or not urlsplit(archive.url).path.strip("/"):
            remedy = "write it as https://HOST/PATH.tar; with a mirror it is fetched from MIRROR/HOST/PATH.tar"
            yield Problem(key, shown(archive.url), "must be an http(s) URL of a file, without a password", remedy)
        first = seen.setdefault((archive.os, archive.url), position)
        if first != position:
            yield Problem(key, shown(archive.url), f"is the same as imageArchives[{first}]", "leave one of them out")


def image_names_have_tags_where_they_should(settings: Settings) -> Iterator[Problem]:
    """Tags come from versions; only the verification image carries its own."""
    for key in keys(Images).values():
        name = getattr(settings.images, key.field, None)
        if name is None:
            continue
        where = f"images.{key.name}"
        match = _IMAGE.fullmatch(name)
        if match is None:
            rule = "must be the name of an image: HOST/PATH in lower case, without https://"
            yield Problem(where, shown(name), rule, f"write it as {key.default}")
        elif key.field == "verification" and not match["tag"]:
            yield Problem(where, name, "must have a tag or digest", f"write it as {key.default}")
        elif key.field != "verification" and match["tag"]:
            rule = "must have no tag: versions decides it"
            yield Problem(where, name, rule, f"write {name.removesuffix(match['tag'])}")


def one_private_key_is_given(settings: Settings) -> Iterator[Problem]:
    """Two would leave open which one counts."""
    if settings.ssh_private_key and settings.ssh.private_key_file:
        rule = "must not be given together with sshPrivateKey: it would be open which one counts"
        yield Problem("ssh.privateKeyFile", settings.ssh.private_key_file, rule, "leave one of the two out")


def registries_are_mirrored(settings: Settings) -> Iterator[Problem]:
    """Containerd passes over a file that it cannot read, and asks the registry itself without a word."""
    seen: dict[str, int] = {}
    for position, registry in enumerate(settings.registries):
        key = f"registries[{position}]"
        if not _REGISTRY.fullmatch(registry.host):
            rule = "must be HOST or HOST:PORT in lower case, as names of images begin"
            yield Problem(f"{key}.host", registry.host or "(empty)", rule, "write it as registry.k8s.io")
        first = seen.setdefault(registry.host, position)
        if first != position:
            yield Problem(f"{key}.host", registry.host, f"is the same as registries[{first}].host", "put them together")
        if not registry.mirrors:
            rule = "names no mirror"
            yield Problem(f"{key}.mirrors", "(empty)", rule, "give one URL at least, or leave the registry out")
        for number, mirror in enumerate(registry.mirrors):
            yield from _mirror(f"{key}.mirrors[{number}]", mirror, insecure=registry.insecure)


def _mirror(key: str, mirror: str, *, insecure: bool) -> Iterator[Problem]:
    if not _is_web(mirror, path_allowed=True):
        rule = "must be http(s)://HOST[:PORT][/v2/PROJECT], without a password: it would be readable on every node"
        yield Problem(key, shown(mirror), rule, "write it as https://mirror.example.com")
    elif mirror.startswith("http:") and not insecure:
        rule = "has no TLS: whoever is between could hand the nodes other images"
        yield Problem(key, mirror, rule, "write https://, or set insecure of this registry to true")


def docker_can_mirror(settings: Settings) -> Iterator[Problem]:
    """Docker has mirrors for one registry only, and they are plain hosts."""
    nodes = [node.name for node in settings.windows_nodes if node.runtime == "docker"]
    if not nodes:
        return
    for position, registry in enumerate(settings.registries):
        if registry.host != "docker.io":
            rule = f"cannot be mirrored for {', '.join(nodes)}: Docker mirrors docker.io and no other registry"
            remedy = "let these nodes run containerd, or name the mirror itself in images and in your pods"
            yield Problem(f"registries[{position}].host", registry.host, rule, remedy)
        elif any(urlsplit(mirror).path.strip("/") for mirror in registry.mirrors):
            value = shown(registry.mirrors)
            rule = f"has a path, which Docker on {', '.join(nodes)} takes in no mirror"
            yield Problem(f"registries[{position}].mirrors", value, rule, "write https://HOST, or run containerd there")


def the_ca_bundle_is_of_authorities(settings: Settings) -> Iterator[Problem]:
    """A wrong one shows only when a node downloads, and an expired one then looks like a broken mirror."""
    bundle = settings.ca_bundle
    if bundle is None:
        return
    if "PRIVATE KEY" in bundle:
        rule = "has a private key in it, which has no business on any node"
        remedy = "make a new key and certificate for that authority, this one is known now; give certificates only"
        yield Problem("caBundle", "(hidden)", rule, remedy)
    certificates = split_pem(bundle)
    if not certificates:
        rule = "holds no certificate in PEM format"
        remedy = (
            "convert it: `openssl x509 -inform der -in FILE -out ca.pem`, then `pulumi config set caBundle < ca.pem`"
        )
        yield Problem("caBundle", shown(bundle), rule, remedy)
    for number, certificate in enumerate(certificates, 1):
        fault = certificate_fault(certificate)
        if fault:
            yield Problem("caBundle", f"certificate {number} of {len(certificates)}", *fault)


def _is_web(url: str, *, path_allowed: bool) -> bool:
    if re.search(r"\s", url):
        return False
    try:
        parts: SplitResult = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = (
        "@" not in parts.netloc and not parts.query and not parts.fragment and (path_allowed or parts.path in ("", "/"))
    )
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and plain
