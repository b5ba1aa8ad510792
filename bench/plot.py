"""The plot of a run of the benchmark: ``bench/.venv/bin/python bench/plot.py FIGURES.json OUTPUT.svg``.

Started in the environment of the peers, where matplotlib is. FIGURES.json holds ``phases`` (titles), ``note``, and
``contestants``: for each its ``title``, and ``seconds`` as a list of median, least and most, one for each phase.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
# The same figures make the same file.
mpl.rcParams["svg.hashsalt"] = "bench"
mpl.rcParams["svg.fonttype"] = "none"

from matplotlib import pyplot as plt  # noqa: E402 - the backend is chosen before

_COLOURS = ("#1b6ca8", "#c44536", "#e0a030", "#8a8a8a")
_WIDTH = 0.2


def plot(content: dict[str, Any], output: Path) -> None:
    """Draw a group of bars for each phase, with a line from the least to the most."""
    figure, axes = plt.subplots(figsize=(9, 4.5), layout="constrained")
    for number, (each, colour) in enumerate(zip(content["contestants"], _COLOURS, strict=False)):
        places = [phase + (number - 1.5) * _WIDTH for phase in range(len(content["phases"]))]
        middle, least, most = zip(*each["seconds"], strict=True)
        spread = [
            [one - low for one, low in zip(middle, least, strict=True)],
            [high - one for one, high in zip(middle, most, strict=True)],
        ]
        bars = axes.bar(places, middle, _WIDTH, yerr=spread, capsize=3, color=colour, label=each["title"])
        axes.bar_label(bars, fmt="%.1f", padding=2, fontsize=8)
    axes.set_xticks(range(len(content["phases"])), content["phases"])
    axes.set_ylabel("seconds: median, least to most")
    axes.set_title(content["note"], fontsize=9)
    figure.legend(loc="outside lower center", ncols=len(content["contestants"]), frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(output, metadata={"Date": None})


if __name__ == "__main__":
    plot(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
