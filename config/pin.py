"""Records digests of downloads: ``python -m config.pin [URL ...]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.digests import Fetch, fetch_from_web, find_digest
from config.downloads import PINS_FILE, mirrored, needed, read_pins
from config.problems import ConfigurationError
from config.reading import read
from config.stackfile import read_stack_file

PROJECT = "casement"
_DEFAULT_STACK = {
    # Enough to know all artifacts: the addresses do not matter here.
    "nodeCidrs": ["192.0.2.0/24"],
    "controlPlane": {"name": "cp", "address": "192.0.2.1"},
    "windowsNodes": [{"name": "win", "managementIp": "192.0.2.2"}],
}


def main(arguments: Sequence[str] | None = None, fetch: Fetch = fetch_from_web) -> int:
    """Run the command; returns 0 if every digest is recorded, 1 if not."""
    options = _options(arguments)
    path = Path(options.file)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    pins, problems = read_pins(text, str(path))
    if problems:
        print(ConfigurationError(problems), file=sys.stderr)
        return 1
    shipped, _ = read_pins(PINS_FILE.read_text(encoding="utf-8"), str(PINS_FILE))
    try:
        urls = options.urls or _wanted(options.stack)
    except (OSError, ValueError) as error:
        print(f"cannot read the stack file: {error}", file=sys.stderr)
        return 1
    known = pins if options.urls else {**shipped, **pins}
    found, failed = _find(urls, known, options, fetch)
    if options.check:
        return 1 if failed or found else 0
    if found:
        path.write_text(with_pins(text, found), encoding="utf-8")
        print(f"{len(found)} recorded in {path}")
    return 1 if failed else 0


def _find(
    urls: Sequence[str], known: Mapping[str, str], options: argparse.Namespace, fetch: Fetch
) -> tuple[dict[str, str], bool]:
    """Return the digests that are new, by URL, and whether any could not be found or was another than recorded."""
    found: dict[str, str] = {}
    failed = False
    for url in urls:
        if url in known and not options.check and not options.urls:
            print(f"known     {url}")
            continue
        try:
            digest = find_digest(mirrored(url, options.mirror), fetch)
        except OSError as error:
            print(f"FAILED    {url}: {error}", file=sys.stderr)
            failed = True
            continue
        if known.get(url, digest.sha256) != digest.sha256:
            print(f"DIFFERENT {url}: recorded {known[url]}, now {digest.sha256} ({digest.origin})", file=sys.stderr)
            failed = True
        else:
            print(f"{'confirmed' if url in known else 'new      '} {url} sha256:{digest.sha256} ({digest.origin})")
            if url not in known:
                found[url] = digest.sha256
    return found, failed


def with_pins(text: str, pins: Mapping[str, str]) -> str:
    """Return a downloads file with digests added at its end; its comments and order stay."""
    head = text if not text or text.endswith("\n") else text + "\n"
    return head + "".join(f"{url}: sha256:{digest}\n" for url, digest in pins.items())


def _wanted(stack: str | None) -> list[str]:
    """Return the URLs a stack file needs; without one, those of the versions that are default."""
    values = read_stack_file(Path(stack), PROJECT) if stack else _DEFAULT_STACK
    reading = read(values)
    if not reading.complete:
        raise ValueError(str(ConfigurationError(reading.problems)))
    return [source.url for source in needed(reading.settings)]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m config.pin",
        description="Record the SHA-256 of downloads. The digest is the one that the publisher states beside the file "
        "(.sha256), else that of the file as it is served now. A recorded digest is never replaced: a file whose "
        "digest changed is reported, and its line is yours to delete.",
    )
    parser.add_argument("urls", nargs="*", metavar="URL", help="files to pin; without any, all that a stack needs")
    parser.add_argument("--stack", metavar="FILE", help="stack file whose downloads are pinned; else the defaults")
    parser.add_argument("--file", default=str(PINS_FILE), help="downloads file to write to (default: %(default)s)")
    parser.add_argument("--mirror", metavar="URL", help="ask this mirror instead of the official servers")
    parser.add_argument("--check", action="store_true", help="compare with what is recorded, write nothing")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
