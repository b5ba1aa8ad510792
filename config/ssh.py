"""How each machine is reached: the one place where defaults, known_hosts and a node's own settings meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from config.keys import DEFAULT_PORT, KnownHosts, host_key_fault, private_key_fault, public_key_of, read_known_hosts
from config.problems import Problem, shown
from config.settings import JumpHost, LinuxNode, NodeSsh, Settings, WindowsNode


@dataclass(frozen=True, slots=True)
class SshEndpoint:
    """A machine as SSH sees it; everything is decided."""

    host: str
    user: str
    port: int
    host_key: str
    """The key the machine must show, as ``TYPE BASE64``."""
    private_key: SecretStr
    jump: SshEndpoint | None = None
    """The machine to go through first."""


@dataclass(frozen=True, slots=True)
class Login:
    """How to log in to a machine that a cloud makes; where it answers, and with which host key, shows only then."""

    user: str
    private_key: SecretStr
    public_key: str
    """What belongs to the private key, as ``TYPE BASE64``: the machine is made with it."""
    jump: SshEndpoint | None
    """The machine to go through first; None: the control plane's, where it is not meant itself."""
    port: int = DEFAULT_PORT


@dataclass(frozen=True, slots=True)
class Located:
    """A node and its place in the stack file, for example ``windowsNodes[1]``."""

    key: str
    node: LinuxNode | WindowsNode


def located_nodes(settings: Settings) -> Iterator[Located]:
    """Yield all nodes with their places; of settings that were read in part, those that are there."""
    if hasattr(settings, "control_plane"):
        yield Located("controlPlane", settings.control_plane)
    for name, nodes in (("linuxWorkers", "linux_workers"), ("windowsNodes", "windows_nodes")):
        for position, node in enumerate(getattr(settings, nodes, ())):
            yield Located(f"{name}[{position}]", node)


class Resolver:
    """Finds the SSH endpoint of every node, and notes what is missing on the way."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._keys: dict[str, SecretStr | None] = {}
        self.problems: list[Problem] = []
        self._known_hosts = self._read_known_hosts()

    def endpoint(self, located: Located) -> SshEndpoint | None:
        """Return how to reach a node, or None where something is missing (see ``problems``).

        Raises AttributeError if the settings were read in part and this needs what is absent.
        """
        ssh = located.node.ssh or NodeSsh()
        defaults = self._settings.ssh
        key = f"{located.key}.ssh"
        host = ssh.host or str(located.node.address)
        user = ssh.user or defaults.user
        if located.node.os == "windows" and user == "root":
            self._note(f"{key}.user", user, "Windows has no user root", "name an administrator, as in Administrator")
        jump_host = ssh.jump_host or defaults.jump_host
        jump_key = f"{key}.jumpHost" if ssh.jump_host else "ssh.jumpHost"
        port = ssh.port or defaults.port
        host_key = self._host_key(f"{key}.hostKey", ssh.host_key, host, port, jump_host)
        private_key = self._private_key(key, ssh.private_key_file)
        jump = self._jump(jump_key, jump_host, private_key)
        if host_key is None or private_key is None or (jump_host and jump is None):
            return None
        return SshEndpoint(host, user, port, host_key, private_key, jump)

    def login(self, located: Located, user: str) -> Login | None:
        """Return how to log in to a machine that is to be made, or None where something is missing.

        Raises AttributeError as ``endpoint`` does.
        """
        ssh = located.node.ssh or NodeSsh()
        key = f"{located.key}.ssh"
        jump_host = ssh.jump_host or self._settings.ssh.jump_host
        private_key = self._private_key(key, ssh.private_key_file)
        jump = self._jump(f"{key}.jumpHost" if ssh.jump_host else "ssh.jumpHost", jump_host, private_key)
        if private_key is None or (jump_host and jump is None):
            return None
        public_key = public_key_of(private_key.get_secret_value())
        if public_key is None:
            rule, remedy = "cannot be read, and the machines are made with its public part", "`ssh-keygen -y` tells why"
            self._note(f"{key}.privateKeyFile", "(private key)", rule, remedy)
            return None
        return Login(user, private_key, public_key, jump)

    def _jump(self, key: str, jump: JumpHost | None, node_key: SecretStr | None) -> SshEndpoint | None:
        if jump is None:
            return None
        host_key = self._host_key(f"{key}.hostKey", jump.host_key, jump.host, jump.port, None)
        own_key = jump.private_key_file
        private_key = self._key_file(f"{key}.privateKeyFile", own_key) if own_key else node_key
        if host_key is None or private_key is None:
            return None
        return SshEndpoint(jump.host, jump.user, jump.port, host_key, private_key)

    def _host_key(self, key: str, given: str | None, host: str, port: int, via: JumpHost | None) -> str | None:
        keys = [" ".join(given.split()[:2])] if given else self._known_hosts.keys(host, port)
        scan = f"ssh-keyscan -t ed25519 {'' if port == DEFAULT_PORT else f'-p {port} '}{host}"
        scan = f"run `{scan}` on {via.host}" if via else f"run `{scan}`"
        if not keys:
            rule = "the key that the host must show is not known, so another machine could answer for it"
            where = self._settings.ssh.known_hosts_file or "the file that ssh.knownHostsFile names"
            check = "compare it with the fingerprint shown on the machine itself (`ssh-keygen -lf`)"
            self._note(key, "(not given)", rule, f"{scan} and put the line here or into {where}; {check}")
            return None
        fault = host_key_fault(keys[0])
        if fault:
            self._note(key, keys[0], fault, f"{scan} and use the ed25519 key that it prints")
            return None
        return keys[0]

    def _private_key(self, key: str, own_file: str | None) -> SecretStr | None:
        settings = self._settings
        if own_file:
            return self._key_file(f"{key}.privateKeyFile", own_file)
        if settings.ssh_private_key:
            return self._checked("sshPrivateKey", "(secret)", settings.ssh_private_key.get_secret_value())
        if settings.ssh.private_key_file:
            return self._key_file("ssh.privateKeyFile", settings.ssh.private_key_file)
        rule = "a private key is needed to log in"
        remedy = "name a file, or give the key itself with `pulumi config set --secret sshPrivateKey < FILE`"
        self._note("ssh.privateKeyFile", "(not given)", rule, remedy)
        return None

    def _key_file(self, key: str, name: str) -> SecretStr | None:
        if key not in self._keys:
            text = self._read(key, name, "name the private key's file")
            self._keys[key] = None if text is None else self._checked(key, name, text)
        return self._keys[key]

    def _checked(self, key: str, value: str, text: str) -> SecretStr | None:
        fault = private_key_fault(text)
        if fault is None:
            return SecretStr(text)
        rule, remedy = fault
        self._note(key, value, rule, remedy)
        return None

    def _read_known_hosts(self) -> KnownHosts:
        ssh = getattr(self._settings, "ssh", None)
        name = getattr(ssh, "known_hosts_file", None)
        if not name:
            return KnownHosts()
        remedy = "make it with `ssh-keyscan -t ed25519 HOST ... > FILE`"
        return read_known_hosts(self._read("ssh.knownHostsFile", name, remedy) or "")

    def _read(self, key: str, name: str, remedy: str) -> str | None:
        try:
            return (self._folder / Path(name).expanduser()).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            rule = f"the file cannot be read: {reason}"
            self._note(key, name, rule, f"{remedy}; a relative name is taken from the project folder")
            return None

    def _note(self, key: str, value: str, rule: str, remedy: str) -> None:
        problem = Problem(key, shown(value), rule, remedy)
        if problem not in self.problems:
            self.problems.append(problem)
