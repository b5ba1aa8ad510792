"""From the project's keys to a configuration that holds: typed, checked, complete; or every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from config.downloads import PINS_FILE, Downloads, needed, read_pins
from config.model import Model
from config.problems import ConfigurationError, Problem
from config.reading import read
from config.rules import RULES
from config.rules_azure import login_is_possible_on_azure
from config.settings import GceCloud, Settings
from config.sources import cloud_of
from config.ssh import Located, Login, Resolver, SshEndpoint, located_nodes

SECRET_KEY = "sshPrivateKey"  # noqa: S105 - the name of a key, not a secret


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything the program wants to know before it starts, checked."""

    settings: Settings
    downloads: Downloads
    endpoints: Mapping[str, SshEndpoint]
    """How to reach each node whose machine exists, by its name."""
    logins: Mapping[str, Login]
    """How to log in to each node whose machine a cloud makes, by its name."""

    def ssh_port(self, name: str) -> int:
        """Return the port that a node's SSH server listens on."""
        return self.logins[name].port if name in self.logins else self.endpoints[name].port


def parse(values: Mapping[str, object], folder: Path, secret_keys: frozenset[str] | None = None) -> Configuration:
    """Return the configuration that the project's keys describe.

    ``values`` are plain values or JSON text, without the project's name before the key; relative file names are
    taken from ``folder``; ``secret_keys`` are the keys that the stack file keeps encrypted (None: not known).
    Raises ConfigurationError with everything that is wrong. Rules about a value that could not be read are left out.
    """
    reading = read(values)
    settings, complete = reading.settings, reading.complete
    problems = list(reading.problems)
    for rule in RULES:
        problems += _findings(partial(rule, settings), complete)

    pins, pin_problems = _pins(settings, folder)
    problems += pin_problems
    problems += _findings(partial(_unpinned, settings, pins), complete)

    resolver = Resolver(settings, folder)
    endpoints: dict[str, SshEndpoint] = {}
    logins: dict[str, Login] = {}
    for located in located_nodes(settings):
        problems += _findings(partial(_resolve, resolver, settings, located, endpoints, logins), complete)
    problems += resolver.problems
    problems += _plain_secrets(values, secret_keys)
    if problems:
        raise ConfigurationError(dict.fromkeys(problems))
    return Configuration(settings, Downloads(settings, pins), endpoints, logins)


def _findings(rule: Callable[[], Iterable[Problem]], complete: bool) -> list[Problem]:
    """Return what a rule finds; of settings that were read in part, up to where it asks for what is absent."""
    found: list[Problem] = []
    try:
        for problem in rule():
            found.append(problem)
    except AttributeError as error:
        if complete or not isinstance(error.obj, Model):
            raise
    return found


def _resolve(
    resolver: Resolver,
    settings: Settings,
    located: Located,
    endpoints: dict[str, SshEndpoint],
    logins: dict[str, Login],
) -> Iterable[Problem]:
    if settings.source_of(located.node) == "onPremises":
        endpoint = resolver.endpoint(located)
        if endpoint is not None:
            endpoints[located.node.name] = endpoint
        return ()
    cloud = cloud_of(settings, located.node)
    login = resolver.login(located, cloud.admin_user) if cloud else None
    if login is None:
        return ()
    logins[located.node.name] = login
    return () if isinstance(cloud, GceCloud) else login_is_possible_on_azure(located.key, login.public_key)


def _pins(settings: Settings, folder: Path) -> tuple[Mapping[str, str], list[Problem]]:
    pins, problems = read_pins(PINS_FILE.read_text(encoding="utf-8"), "config/downloads.yaml")
    name = getattr(settings, "downloads_file", None)
    if name:
        try:
            text = (folder / Path(name).expanduser()).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            remedy = "make it with `python -m config.pin --file FILE URL ...`, or leave the key out"
            problems.append(Problem("downloadsFile", name, f"the file cannot be read: {reason}", remedy))
        else:
            own, own_problems = read_pins(text, "downloadsFile")
            pins |= own
            problems += own_problems
    return pins, problems


def _unpinned(settings: Settings, pins: Mapping[str, str]) -> Iterator[Problem]:
    rule = "every download needs a pinned SHA-256, so that nothing else can be installed in its place"
    for source in needed(settings):
        if source.url not in pins:
            remedy = f"record it, from a machine that reaches the server: `python -m config.pin {source.url}`"
            remedy += "; or write the line `URL: sha256:HEX` into the file that downloadsFile names"
            yield Problem(source.key, source.url, rule, remedy)


def _plain_secrets(values: Mapping[str, object], secret_keys: frozenset[str] | None) -> Iterator[Problem]:
    if secret_keys is not None and values.get(SECRET_KEY) and SECRET_KEY not in secret_keys:
        rule = "must be encrypted in the stack file"
        remedy = f"`pulumi config set --secret {SECRET_KEY} < FILE`, and make a new key: this one was written in plain"
        yield Problem(SECRET_KEY, "(secret)", rule, remedy)
