"""Rules about versions: their shape, which of them go together, and which are still supported."""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.problems import Problem
from config.schema import keys
from config.settings import Images, Settings, Versions

KUBERNETES_MINORS = (35, 36, 37)
"""Supported upstream in November 2026 and free of what this project cannot serve: 1.34 ended on 2026-10-27."""
CONTAINERD_MINIMUM = (2, 2)
"""Kubernetes 1.35 was the last to work with containerd 1.x; older lines of 2.x are no longer maintained."""
DOCKER_MINIMUM = (23, 0, 0)
"""The first with ``proxies`` in daemon.json, and with the version 1.42 of its API that cri-dockerd asks for."""
CRI_DOCKERD_MINIMUM = (0, 4, 0)
"""Older ones ask for version 1.43 of Docker's API; Docker 29 answers from 1.44 on (docker/for-win#14997)."""
FLANNEL_MINIMUM = (0, 28)
"""What the manifests and the flags of flanneld.exe here are written for."""
PAUSE_MINIMUM = (3, 10, 2)
"""The first pause image that has a Windows Server 2025 variant."""

_NUMBER = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_SHAPES = {
    "flannel_cni_plugin": (re.compile(r"[0-9]+\.[0-9]+\.[0-9]+-flannel[0-9]+"), "1.9.1-flannel3"),
    "pause": (re.compile(r"[0-9]+\.[0-9]+(\.[0-9]+)?(-[0-9]+)?"), "3.10.2"),
}


def versions_are_numbers(settings: Settings) -> Iterator[Problem]:
    """A version goes into URLs and image tags as it stands."""
    for key in keys(Versions).values():
        value = getattr(settings.versions, key.field, None)
        shape, example = _SHAPES.get(key.field, (_NUMBER, "1.2.3"))
        if value is not None and not shape.fullmatch(value):
            rule = f"must be a whole version number, as in {example}"
            plain = value.removeprefix("v")
            remedy = f"write {plain}" if shape.fullmatch(plain) else f"write it in the form {example}, without v before"
            yield Problem(f"versions.{key.name}", value or "(empty)", rule, remedy)


def kubernetes_is_supported(settings: Settings) -> Iterator[Problem]:
    """All of Kubernetes has one version here, so kubelet is never newer than the API server."""
    version = settings.versions.kubernetes
    number = numbers(version)
    if number and (number[0] != 1 or number[1] not in KUBERNETES_MINORS):
        known = ", ".join(f"1.{minor}" for minor in KUBERNETES_MINORS)
        rule = f"must be one of {known}"
        if number < (1, KUBERNETES_MINORS[0]):
            rule += ": older ones get no fixes, and kubelet and kube-proxy want flags there that no longer exist"
        else:
            rule += ": a newer one has not been tried with these flags and files"
        yield Problem("versions.kubernetes", version, rule, f"write {Versions().kubernetes}")


def containerd_fits_kubernetes(settings: Settings) -> Iterator[Problem]:
    """Its configuration is written in version 3, which containerd 1.x does not read."""
    version = settings.versions.containerd
    number = numbers(version)
    if not number:
        return
    oldest = ".".join(map(str, CONTAINERD_MINIMUM))
    if number[0] == 1:
        rule = (
            f"must be {oldest} or newer: Kubernetes {settings.versions.kubernetes} and the configuration written here "
            "ask for containerd 2 (the last Kubernetes that works with containerd 1.x is 1.35)"
        )
        yield Problem("versions.containerd", version, rule, f"write {Versions().containerd}")
    elif number[:2] < CONTAINERD_MINIMUM or number[0] > CONTAINERD_MINIMUM[0]:
        rule = f"must be containerd 2 from {oldest} on"
        yield Problem("versions.containerd", version, rule, f"write {Versions().containerd}, which has long support")


def docker_fits_kubernetes(settings: Settings) -> Iterator[Problem]:
    """Docker and cri-dockerd must speak one version of Docker's API, and read the daemon.json written here."""
    if not any(node.runtime == "docker" for node in settings.windows_nodes):
        return
    for key, version, minimum, why in (
        ("docker", settings.versions.docker, DOCKER_MINIMUM, "older ones read no proxies in daemon.json"),
        ("criDockerd", settings.versions.cri_dockerd, CRI_DOCKERD_MINIMUM, "Docker 29 refuses what older ones ask"),
    ):
        number = numbers(version)
        if number and number < minimum:
            remedy = f"write {keys(Versions)[key].default}"
            yield Problem(f"versions.{key}", version, f"must be {'.'.join(map(str, minimum))} or newer: {why}", remedy)


def flannel_is_new_enough(settings: Settings) -> Iterator[Problem]:
    """Manifests and flags are written for one line of flannel."""
    number = numbers(settings.versions.flannel)
    if number and number[:2] < FLANNEL_MINIMUM:
        rule = f"must be {'.'.join(map(str, FLANNEL_MINIMUM))} or newer"
        yield Problem("versions.flannel", settings.versions.flannel, rule, f"write {Versions().flannel}")


def pause_runs_on_every_windows(settings: Settings) -> Iterator[Problem]:
    """A pause image without a variant for the build ends in "no matching manifest", and no pod starts."""
    number = numbers(settings.versions.pause)
    ours = settings.images.pause == Images().pause
    if settings.windows_nodes and ours and number and number < PAUSE_MINIMUM:
        least = ".".join(map(str, PAUSE_MINIMUM))
        rule = f"must be {least} or newer with Windows nodes: older images have no variant for Windows Server 2025"
        yield Problem("versions.pause", settings.versions.pause, rule, f"write {least}")


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, without what follows a hyphen; nothing for what is no version."""
    parts = version.split("-", maxsplit=1)[0].split(".")
    return tuple(int(part) for part in parts) if len(parts) > 1 and all(part.isdigit() for part in parts) else ()
