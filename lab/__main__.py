"""``python -m lab``: the lab's command line."""

from __future__ import annotations

import argparse
import os
import shutil
import sys

from lab import cluster, network, run
from lab.down import down, erase
from lab.holder import held_by
from lab.linux_host import answers
from lab.up import prepare_all, up

_WINDOWS_USER = "Administrator"


def status() -> None:
    """Print one line for the network, the mirror and each host."""
    holder = held_by(run.LAB_LOCK)
    print(f"network  {'up' if network.is_up() else 'down'}")
    print(f"mirror   {f'{run.MIRROR_URL} by process {holder[0]} for {holder[1]}' if holder else 'down'}")
    for host in run.hosts().named():
        print(f"{host.name:8} {host.address} {'answers' if network.is_up() and answers(host.address) else 'off'}")


def ssh(name: str, command: list[str]) -> None:
    """Become an SSH client of this host.

    Raises KeyError for a host that the lab does not have.
    """
    (host,) = run.hosts().named((name,))
    line = run.SSH.command(str(getattr(host, "user", _WINDOWS_USER)), host.address)
    os.execvp(line[0], [*line, *command])  # noqa: S606 - no shell is the point


def kubectl(arguments: list[str]) -> None:
    """Become the kubectl that the lab built, with the lab's kubeconfig."""
    program = str(cluster.kubectl())
    os.execv(program, [program, f"--kubeconfig={run.KUBECONFIG}", *arguments])  # noqa: S606 - no shell is the point


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="Real Kubernetes hosts on one Debian machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_text in (
        ("up", "bring up the lab, or only these hosts"),
        ("down", "shut down the lab, or only these hosts; disks stay"),
        ("reset", "throw away all disks, or those of these hosts, and start afresh"),
    ):
        commands.add_parser(name, help=help_text).add_argument("hosts", nargs="*", metavar="HOST")
    commands.add_parser("erase", help="shut down the lab and throw everything of it away, the stack's state too")
    commands.add_parser("prepare", help="make all that is slow to make, once: programs, base system, images, mirrors")
    commands.add_parser("cluster", help="bring up the lab, run `pulumi up` on it, and show the cluster")
    commands.add_parser("status", help="say what runs")
    command = commands.add_parser("pulumi", help="run pulumi on the lab's stack")
    command.add_argument("line", nargs=argparse.REMAINDER, metavar="ARGUMENT")
    command = commands.add_parser("ssh", help="log in to a host, or run a command on it")
    command.add_argument("host", metavar="HOST")
    command.add_argument("line", nargs=argparse.REMAINDER, metavar="COMMAND")
    command = commands.add_parser("kubectl", help="talk to the lab's cluster")
    command.add_argument("line", nargs=argparse.REMAINDER, metavar="ARGUMENT")
    return parser


def main() -> int:
    """Carry out the command line; return the exit code."""
    given = _parser().parse_args()
    try:
        match given.command:
            case "up":
                up(tuple(given.hosts))
            case "down":
                down(tuple(given.hosts))
            case "erase":
                erase(())
                down(())
                shutil.rmtree(run.RUN_FOLDER, ignore_errors=True)
            case "reset":
                erase(tuple(given.hosts))
                up(tuple(given.hosts))
            case "prepare":
                prepare_all()
            case "cluster":
                up()
                cluster.up()
            case "pulumi":
                return cluster.pulumi(*given.line)
            case "status":
                status()
            case "ssh":
                ssh(given.host, given.line)
            case "kubectl":
                kubectl(given.line)
    except KeyError as error:
        print(f"the lab has no host named {error}", file=sys.stderr)
        return 2
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
