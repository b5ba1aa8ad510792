"""Runs one stand-in: ``python -m lab.providers NAME [ENGINE-ADDRESS]``, as the scripts that install.py writes do."""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path


def _skip_the_sdk() -> None:
    """Make the protocol's modules importable without the SDK around them, which takes longer than all the rest."""
    spec = importlib.util.find_spec("pulumi")
    assert spec is not None and spec.origin is not None  # noqa: PT018
    root = Path(spec.origin).parent
    for name, folder in (("pulumi", root), ("pulumi.runtime", root / "runtime")):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


def main(arguments: list[str]) -> None:
    """Serve the stand-in that the first argument names."""
    _skip_the_sdk()
    from lab.providers.server import Provider, serve  # noqa: PLC0415

    provider: Provider
    if arguments[0] == "command":
        from lab.providers.command import CommandProvider  # noqa: PLC0415

        provider = CommandProvider()
    elif arguments[0] == "kubernetes":
        from lab.providers.kubernetes import KubernetesProvider  # noqa: PLC0415

        provider = KubernetesProvider()
    elif arguments[0] in ("azure-native", "gcp"):
        from lab.providers.clouds import cloud_provider  # noqa: PLC0415

        provider = cloud_provider(arguments[0])
    else:
        sys.exit(f"no stand-in is called {arguments[0]!r}")
    serve(provider, arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
