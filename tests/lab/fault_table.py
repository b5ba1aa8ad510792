"""Which faults are injected where: each row is one of them, at one step of one node.

The table in docs/how-it-works.md is written from this one (``python -m tests.lab.fault_table``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lab.credential_faults import CertificateExpired, KeyLost
from lab.faults import ApiAway, BadDownload, Fault, FullDisk, Hang, PowerCut, Restart, SshCut

Outcome = Literal["goes on", "fails", "killed"]
"""The same ``up`` goes on by itself; it fails with words that tell the remedy; the engine is killed."""


@dataclass(frozen=True)
class Row:
    """One fault: injected once the step has begun, and a program of the pattern ``when`` runs on its host."""

    node: str
    step: str
    fault: Fault | None
    """None: the engine itself is killed."""
    outcome: Outcome
    says: tuple[str, ...] = ()
    """What the error must hold, besides the step's name."""
    at: str = ""
    """The host it happens to, where it is not the node's own."""
    when: str = ""
    limit: int = 0
    """Time limit of the step, in seconds, while the fault is there."""
    before: str = ""
    """With ``limit``: the resource after which it is set, as other nodes have steps of the same name; "": at once.

    A run must end between it and the step: limits are read when a run begins.
    """
    verb: str = "creating"
    fails_at: str = ""
    """The step that fails for it, where that is a later one."""
    remedy: tuple[str, ...] = ()
    """What the next run is given besides, as the error asks for."""

    @property
    def resource(self) -> str:
        """Name of the resource in Pulumi's output."""
        return f"{self.node}-{self.step}"

    @property
    def stumbles(self) -> str:
        """Name of the resource that fails, or goes on."""
        return f"{self.node}-{self.fails_at or self.step}"

    @property
    def host(self) -> str:
        """The host that the fault happens to."""
        return self.at or self.node

    @property
    def takes_api_away(self) -> bool:
        """Whether no other node reaches the API server for a while."""
        return self.host == "cp1" and isinstance(self.fault, ApiAway | PowerCut | Restart)

    @property
    def kind(self) -> type:
        """The kind of fault; that of nothing when the engine is killed."""
        return type(self.fault)

    def __str__(self) -> str:
        """Return the row as a test's name."""
        what = "EngineKilled" if self.fault is None else type(self.fault).__name__
        detail = getattr(self.fault, "kind", getattr(self.fault, "how", ""))
        return f"{what}{f'-{detail}' if detail else ''} at {self.resource} {self.verb}"


_HUNG = ("took longer than its time limit of", "pulumi up", "raise timeLimits.")
_FULL = ("is full", "free some space")
_LINUX_DIGEST = ("has digest sha256:", "record its digest in the downloads file")
_WINDOWS_DIGEST = ("not the pinned", "correct the pin only if the new file is trusted")


def _full(node: str, step: str, leave: int = 0) -> Row:
    return Row(node, step, FullDisk(leave), "fails", _FULL)


def _hang(node: str, step: str, program: str, before: str, *, limit: int = 15) -> Row:
    return Row(node, step, Hang(program), "fails", _HUNG, limit=limit, before=f"{node}-{before}")


def _api_stays_away(node: str, step: str, how: str, before: str) -> Row:
    says = ("gave up after", f"raise timeLimits.{step}")
    return Row(node, step, ApiAway(how), "fails", says, at="cp1", limit=15, before=before)


def _replace(node: str, step: str) -> str:
    return f"**::{node}-{step}"


def _key_lost(node: str) -> Row:
    lost = _replace(node, "credential-requested")
    says = ("he key of this", "is gone", f"pulumi up --replace '{lost}'")
    return Row(node, "joined", KeyLost(), "fails", says, remedy=("--replace", lost))


def _expired(node: str) -> Row:
    issued = _replace(node, "credential-issued")
    says = ("does not take the certificate", f"pulumi up --replace '{issued}'")
    fault = CertificateExpired(node)
    return Row(
        node, "credential-issued", fault, "fails", says, at="cp1", fails_at="joined", remedy=("--replace", issued)
    )


_LEAVE = 512 << 10
BUILDING: tuple[Row, ...] = (
    # The control plane.
    Row("cp1", "containerd-running", BadDownload("containerd-", "altered"), "fails", _LINUX_DIGEST),
    _full("cp1", "containerd-running"),
    Row("cp1", "containerd-running", SshCut(), "goes on"),
    Row("cp1", "node-binaries-verified", BadDownload("kubelet", "cut"), "fails", ("cannot download", "set a mirror")),
    _full("cp1", "node-binaries-verified"),
    Row("cp1", "node-binaries-verified", PowerCut(), "goes on"),
    _hang("cp1", "images-present", "^ctr .*import", "node-binaries-verified", limit=40),
    Row("cp1", "images-present", None, "killed"),
    Row("cp1", "images-present", Restart(), "goes on"),
    _full("cp1", "control-plane-initialised"),
    _hang("cp1", "control-plane-initialised", "^kubeadm init", "images-present"),
    Row("cp1", "control-plane-initialised", PowerCut(), "goes on", when="^kube-apiserver"),
    # The Linux worker.
    Row("lin1", "containerd-running", BadDownload("containerd-", "stalled"), "fails", _HUNG, limit=15),
    Row("lin1", "containerd-running", PowerCut(), "goes on"),
    Row("lin1", "node-binaries-verified", BadDownload("kubeadm", "shortened"), "fails", _LINUX_DIGEST),
    Row("lin1", "node-binaries-verified", None, "killed"),
    Row("lin1", "node-binaries-verified", Restart(), "goes on"),
    Row("lin1", "images-present", BadDownload("linux.tar", "missing"), "fails", ("cannot download", "set a mirror")),
    _full("lin1", "images-present"),
    Row("lin1", "images-present", SshCut(), "goes on"),
    _expired("lin1"),
    _key_lost("lin1"),
    _full("lin1", "joined"),
    _hang("lin1", "joined", "^kubeadm join", "images-present", limit=30),
    Row("lin1", "joined", PowerCut(), "goes on", when="^kubeadm join"),
    Row("lin1", "registered", ApiAway("refused", 10), "goes on", at="cp1"),
    Row("lin1", "ready", Restart(), "goes on", at="cp1"),
    # The Windows node.
    Row("win1", "containerd-running", BadDownload("containerd-", "altered"), "fails", _WINDOWS_DIGEST),
    _full("win1", "containerd-running", _LEAVE),
    Row("win1", "containerd-running", PowerCut(), "goes on", when=r"containerd\.exe"),
    Row("win1", "node-binaries-verified", BadDownload("kubelet.exe", "shortened"), "fails", _WINDOWS_DIGEST),
    _hang("win1", "node-binaries-verified", "^curl ", "containerd-running"),
    Row("win1", "node-binaries-verified", None, "killed"),
    Row("win1", "node-binaries-verified", Restart(), "goes on"),
    _full("win1", "images-present", _LEAVE),
    _hang("win1", "images-present", r"ctr\.exe", "node-binaries-verified", limit=40),
    Row("win1", "images-present", PowerCut(), "goes on", when=r"ctr\.exe"),
    Row("win1", "kubelet-service-registered", SshCut(), "goes on"),
    _expired("win1"),
    _key_lost("win1"),
    _hang("win1", "joined", r"kubeadm\.exe", "kubelet-service-registered", limit=30),
    Row("win1", "joined", None, "killed", when=r"kubeadm\.exe"),
    Row("win1", "joined", PowerCut(), "goes on", when=r"kubeadm\.exe"),
    _api_stays_away("win1", "registered", "dropped", "lin1-registered"),
    Row("win1", "flannel-installed", SshCut(), "goes on"),
    Row("win1", "flannel-announced", ApiAway("stopped", 10), "goes on", at="cp1"),
    Row("win1", "kube-proxy-running", None, "killed"),
    Row("win1", "kube-proxy-running", PowerCut(), "goes on"),
    _api_stays_away("win1", "ready", "refused", "lin1-ready"),
    Row("cluster", "cluster-verified", SshCut(), "goes on", at="cp1"),
)

CHANGING: tuple[Row, ...] = (
    Row("win1", "containerd-running", FullDisk(), "fails", ("is full", "free some space"), verb="updating"),
    Row("win1", "kubelet-service-registered", SshCut(), "goes on", verb="updating"),
    Row("win1", "flannel-installed", None, "killed", verb="updating"),
    Row("win1", "kube-proxy-running", PowerCut(), "goes on", verb="updating"),
    Row("cluster", "cluster-verified", Restart(), "goes on", at="cp1", verb="updating"),
)
"""Faults while a setting of the Windows node is changed, its log folder."""
REMOVING: tuple[Row, ...] = (
    Row("win1", "ready", ApiAway("refused"), "fails", ("gave up after", "pulumi up"), at="cp1", verb="deleting"),
    Row("win1", "ready", Restart(), "goes on", at="cp1", verb="deleting"),
    Row("win1", "kube-proxy-running", None, "killed", verb="deleting"),
    Row("win1", "joined", Hang(r"kubeadm\.exe"), "fails", _HUNG, verb="deleting"),
    Row("win1", "joined", PowerCut(), "goes on", verb="deleting"),
    Row("win1", "containerd-running", Restart(), "goes on", verb="deleting"),
    Row("win1", "preflight-passed", SshCut(), "goes on", verb="deleting"),
    Row("lin1", "joined", Hang("^kubeadm reset"), "fails", _HUNG, verb="deleting"),
    Row("lin1", "joined", None, "killed", verb="deleting"),
    Row("lin1", "registered", ApiAway("dropped", 8), "goes on", at="cp1", verb="deleting"),
    Row("lin1", "containerd-running", PowerCut(), "goes on", verb="deleting"),
    Row("cp1", "control-plane-initialised", None, "killed", verb="deleting"),
    Row("cp1", "control-plane-initialised", PowerCut(), "goes on", verb="deleting"),
    Row("cp1", "node-binaries-verified", SshCut(), "goes on", verb="deleting"),
    Row("cp1", "containerd-running", Restart(), "goes on", verb="deleting"),
)
"""Faults while everything is taken down."""
REMOVAL_LIMITS = {"joined": 40, "ready": 60}
"""Time limits from before the removal on, which is done with the limits that the steps were last run with."""


_WORDS: Mapping[type, tuple[str, str]] = {
    SshCut: (
        "the SSH connection is cut",
        "the step is run again by itself, and waits for its first try where that still runs",
    ),
    Restart: ("the machine restarts", "the step is run again by itself when the machine answers"),
    PowerCut: ("the machine loses its power", "the same; what was written in part is not taken for whole"),
    type(None): (
        "the engine is killed (SIGKILL)",
        "`pulumi cancel`, then `pulumi up`: what runs on the machines ends by itself, and is waited for",
    ),
    Hang: (
        "a program hangs",
        "the step is ended at its limit with all that it has started; the next `up` goes on (`timeLimits` sets limits)",
    ),
    FullDisk: ("the disk is full", "the step says which disk is; once there is room, the next `up` goes on"),
    BadDownload: (
        "a download is altered, cut off, missing, or stalls",
        "nothing of it is kept; the step says what was served, and the next `up` fetches it again",
    ),
    KeyLost: ("a node's key is lost before it has joined", "the step says so, and how to have it make another one"),
    CertificateExpired: (
        "a node's certificate runs out before it has joined",
        "the step says so, and how to have another one issued",
    ),
    ApiAway: (
        "the API server is away",
        "for a while: it is waited for; for longer: the step says so, and the next `up` goes on",
    ),
}


def documentation() -> str:
    """Return the table of the documentation: each fault, what comes of it, and where tests have it happen."""
    rows = [*BUILDING, *CHANGING, *REMOVING]
    lines = ["| what happens | what comes of it | tried at |", "|---|---|---|"]
    for kind, (what, then) in _WORDS.items():
        steps = dict.fromkeys(_place(row) for row in rows if row.kind is kind)
        lines.append(f"| {what} | {then} | {', '.join(steps)} |")
    return "\n".join(lines) + "\n"


def _place(row: Row) -> str:
    system = {"win1": "Windows ", "lin1": "Linux "}.get(row.node, "")
    doing = {"creating": "", "updating": " (changed)", "deleting": " (taken back)"}[row.verb]
    return f"{system}`{row.step}`{doing}"


if __name__ == "__main__":
    print(documentation(), end="")
