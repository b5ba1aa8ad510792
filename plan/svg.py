"""The pieces that a drawing of ours is made of, as SVG 1.1 that browsers, GitHub and office programs show."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

Point = tuple[float, float]
"""Pixels to the right and down."""
SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace'
_BEFORE_SHAPES = 3
"""What stands before them: title, description and style sheet."""
_WIDTH_OF_A_LETTER = {SANS: 0.6, MONO: 0.61}
"""Of the size of the font, for the letters of names and addresses; a little more than most fonts need."""


def canvas(title: str, description: str, style: str) -> Element:
    """Return an empty drawing with a style sheet; ``as_text`` is told how large it has become."""
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"})
    SubElement(root, "title").text = title
    SubElement(root, "desc").text = description
    SubElement(root, "style").text = style
    return root


def group(parent: Element, kind: str, title: str) -> Element:
    """Add a group of shapes; the title is what a pointer over it shows."""
    made = SubElement(parent, "g", {"class": kind})
    SubElement(made, "title").text = title
    return made


def box(parent: Element, kind: str, at: Point, size: Point, radius: float = 8) -> None:
    """Add a rectangle with round corners; ``at`` is its corner above on the left."""
    values = {"x": at[0], "y": at[1], "width": size[0], "height": size[1], "rx": radius}
    SubElement(parent, "rect", {"class": kind, **{name: f"{value:g}" for name, value in values.items()}})


def line(parent: Element, kind: str, *points: Point) -> None:
    """Add a line through these points."""
    way = " ".join(f"{'L' if index else 'M'}{x:g} {y:g}" for index, (x, y) in enumerate(points))
    SubElement(parent, "path", {"class": kind, "d": way})


def words(parent: Element, kind: str, at: Point, text: str, anchor: str = "start") -> None:
    """Add a line of text; ``at`` is on its base line, at the ``start``, in the ``middle`` or at the ``end`` of it."""
    place = {"x": f"{at[0]:g}", "y": f"{at[1]:g}"} | ({"text-anchor": anchor} if anchor != "start" else {})
    SubElement(parent, "text", {"class": kind, **place}).text = text


def text_width(text: str, size: float, font: str = SANS) -> float:
    """Return about how wide a text is, in pixels."""
    return len(text) * size * _WIDTH_OF_A_LETTER[font]


def fitted(text: str, width: float, size: float, font: str = SANS) -> str:
    """Return the text, cut short with an ellipsis where it is wider than ``width`` pixels."""
    most = int(width / (size * _WIDTH_OF_A_LETTER[font]))
    return text if len(text) <= most else f"{text[: most - 1].rstrip(' -.,')}…"


def style_sheet(rules: str, light: Mapping[str, str], dark: Mapping[str, str]) -> str:
    """Return rules, written with ``$NAME`` for colours, for light surroundings, and what differs in dark ones.

    Not with CSS variables, which converters to PNG and PDF do not know.
    """
    lines = rules.strip().splitlines()
    coloured = [line for line in lines if "$" in line]
    return "\n".join(
        [
            "",
            *(_filled(line, light) for line in lines),
            "@media (prefers-color-scheme: dark) {",
            *(f"  {_filled(line, dark)}" for line in coloured),
            "}",
            "",
        ]
    )


def _filled(line: str, colours: Mapping[str, str]) -> str:
    # The longest name first: one may be the beginning of another.
    for name in sorted(colours, key=len, reverse=True):
        line = line.replace(f"${name}", colours[name])
    return line


def as_text(root: Element, size: Point, background: str) -> str:
    """Return a drawing of this size as a file has it, with a ``background`` of this class under it."""
    width, height = (f"{value:g}" for value in size)
    for name, value in {"width": width, "height": height, "viewBox": f"0 0 {width} {height}"}.items():
        root.set(name, value)
    root.insert(
        _BEFORE_SHAPES, Element("rect", {"class": background, "x": "0", "y": "0", "width": width, "height": height})
    )
    indent(root)
    return tostring(root, encoding="unicode") + "\n"
