"""What a cloud has, kept in a file that outlives its provider, and what a test makes happen in it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FOLDER_VARIABLE = "CASEMENT_CLOUDS"
"""Names the folder of the clouds, in the environment of the providers."""
HOSTS_VARIABLE = "CASEMENT_CLOUD_HOSTS"
"""Set in that environment where hosts of the lab stand behind the machines."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How things stand in a cloud, but for what is made there."""

    quotas: Mapping[str, int] = field(default_factory=dict)
    """The most of anything that is counted: vCPUs by the cloud's own name of their kind, ``public addresses``."""
    images_gone: tuple[str, ...] = ()
    """Images that the cloud has no more, as a stack file names them."""
    no_room_for: tuple[str, ...] = ()
    """Machines that the cloud has no capacity for."""
    never_boots: tuple[str, ...] = ()
    """Machines whose system does not come up."""
    scripts_fail: Mapping[str, str] = field(default_factory=dict)
    """Machine to what a script that is run on it at first boot says before it fails."""
    seconds_to_boot: float = 0
    """What a machine on Google needs until it has published its host key."""
    host_key: str = ""
    """What machines that are made from now on show, as ``TYPE BASE64``, where no host stands behind them."""
    public_addresses: Mapping[str, str] = field(default_factory=dict)
    """Name of an address to what it is to be; others are of a range for documentation."""


@dataclass(slots=True)
class Thing:
    """Something that the cloud has."""

    token: str
    inputs: dict[str, Any]
    """What was asked for."""
    told: dict[str, Any]
    """What the cloud says of it."""
    private: dict[str, Any] = field(default_factory=dict)
    """What the cloud knows of it and tells only who asks for it."""


class CloudFolder:
    """The clouds of one test: a file for each, and one for their circumstances."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def from_environment(cls) -> CloudFolder:
        """Return the folder that the environment names. Raises KeyError where it names none."""
        return cls(Path(os.environ[FOLDER_VARIABLE]))

    def circumstances(self) -> Circumstances:
        """Return how things stand now."""
        path = self.folder / "circumstances.json"
        return Circumstances(**json.loads(path.read_text())) if path.exists() else Circumstances()

    def set(self, circumstances: Circumstances) -> None:
        """Say how things stand from now on."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "circumstances.json").write_text(json.dumps(asdict(circumstances)))

    def things(self, cloud: str) -> dict[str, Thing]:
        """Return all that a cloud has, by its identifiers there."""
        path = self.folder / f"{cloud}.json"
        found = json.loads(path.read_text()) if path.exists() else {}
        return {key: Thing(**value) for key, value in found.items()}

    @contextmanager
    def changing(self, cloud: str) -> Iterator[dict[str, Thing]]:
        """Let the block change what a cloud has; a block that raises has changed nothing.

        One process works on a cloud at a time, and nothing may be awaited in the block.
        """
        things = self.things(cloud)
        yield things
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{cloud}.json"
        written = path.with_suffix(".new")
        written.write_text(json.dumps({key: asdict(thing) for key, thing in things.items()}, indent=1))
        written.replace(path)
