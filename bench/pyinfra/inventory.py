"""The hosts of the site that the environment variable BENCH_SITE names, and what the deploy is to make of them."""

import json
import os
from pathlib import Path
from typing import Any

_site = json.loads(Path(os.environ["BENCH_SITE"]).read_text())


def _hosts(names: list[str]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            name,
            {
                "ssh_hostname": _site["addresses"][name],
                "ssh_user": "root",
                "ssh_key": _site["ssh"]["private_key"],
                "ssh_known_hosts_file": _site["ssh"]["known_hosts"],
                "ssh_strict_host_key_checking": "yes",
                "ssh_allow_agent": False,
                "ssh_look_for_keys": False,
                "address": _site["addresses"][name],
                "site": _site,
            },
        )
        for name in names
    ]


control_plane = _hosts([_site["control_plane"]])
workers = _hosts(_site["workers"])
