"""Static members of the plain types: strings, numbers, conversions, lists."""

from __future__ import annotations

import base64
import binascii
import math
import uuid
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from lab.powershell import type_names, types
from lab.powershell.convert import date, elements, integer, number, truth
from lab.powershell.encodings import ANSI, ASCII, UNICODE, UTF8, UTF8_PLAIN
from lab.powershell.errors import Unsupported
from lab.powershell.faults import NetFault
from lab.powershell.scanner import parse_number
from lab.powershell.statics import NetStatics
from lab.powershell.syntax import TypeName
from lab.powershell.text import format_string, text_of
from lab.powershell.values import GenericList, Hashtable


def _join(separator: object, *values: object) -> str:
    items = elements(values[0]) if len(values) == 1 else list(values)
    return text_of(separator).join(text_of(item) for item in items)


def _compare(left: object, right: object, ignore: object = False) -> int:
    one, two = text_of(left), text_of(right)
    if truth(ignore):
        one, two = one.casefold(), two.casefold()
    return (one > two) - (one < two)


def _string_equals(left: object, right: object, comparison: object = "Ordinal") -> bool:
    return _compare(left, right, text_of(comparison).lower().endswith("ignorecase")) == 0


_STRING = NetStatics(
    "System.String",
    {
        "isnullorempty": lambda value: text_of(value) == "",
        "isnullorwhitespace": lambda value: text_of(value).strip() == "",
        "join": _join,
        "format": lambda template, *values: format_string(text_of(template), list(values)),
        "concat": lambda *values: "".join(text_of(value) for value in values),
        "equals": _string_equals,
        "compare": _compare,
    },
    {"empty": lambda: ""},
)


def _round(value: object, digits: object = 0, mode: object = "ToEven") -> object:
    if not isinstance(digits, int):
        digits, mode = 0, digits
    rounding = ROUND_HALF_UP if text_of(mode).lower() == "awayfromzero" else ROUND_HALF_EVEN
    return float(Decimal(str(number(value))).quantize(Decimal(1).scaleb(-integer(digits)), rounding=rounding))


def _power(value: object, exponent: object) -> float:
    return math.pow(number(value), number(exponent))


_MATH = NetStatics(
    "System.Math",
    {
        "min": lambda left, right: min(number(left), number(right)),
        "max": lambda left, right: max(number(left), number(right)),
        "abs": lambda value: abs(number(value)),
        "floor": lambda value: float(math.floor(number(value))),
        "ceiling": lambda value: float(math.ceil(number(value))),
        "truncate": lambda value: float(math.trunc(number(value))),
        "round": _round,
        "pow": _power,
        "sqrt": lambda value: math.sqrt(number(value)),
        "log": lambda value, *base: math.log(number(value), *(number(one) for one in base)),
    },
    {"pi": lambda: math.pi},
)


def _try_parse(*_: object) -> object:
    raise Unsupported("TryParse, which needs [ref]")


def _parse_with(name: str) -> Callable[[object], object]:
    def parse(value: object) -> object:
        stripped = text_of(value).strip()
        parsed = parse_number(stripped.lstrip("+-"))
        if parsed is None or not stripped.lstrip("+-").replace(".", "").isdigit():
            raise NetFault("Input string was not in a correct format.", "System.FormatException")
        return types.cast(text_of(value), TypeName(name))

    return parse


def _constant(value: int) -> Callable[[], object]:
    return lambda: value


def _number_types() -> list[NetStatics]:
    made = []
    for name, (bits, signed) in type_names.INTEGERS.items():
        low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
        limits = {"minvalue": _constant(low), "maxvalue": _constant(high)}
        made.append(NetStatics(name, {"parse": _parse_with(name), "tryparse": _try_parse}, limits))
    made.append(NetStatics("System.Double", {"parse": _parse_with("System.Double"), "tryparse": _try_parse}))
    return made


def _from_base64(text: object) -> bytearray:
    try:
        return bytearray(base64.b64decode(text_of(text), validate=True))
    except binascii.Error as error:
        message = "The input is not a valid Base-64 string."
        raise NetFault(message, "System.FormatException") from error


def _to_integer(name: str) -> Callable[..., object]:
    def convert(value: object, base: object = 10) -> object:
        if integer(base) == 10:
            return types.cast(value, TypeName(name))
        try:
            return int(text_of(value), integer(base))
        except ValueError as error:
            raise NetFault("Could not find any recognizable digits.", "System.FormatException") from error

    return convert


def _to_text(value: object, base: object = 10) -> str:
    codes = {2: "b", 8: "o", 10: "d", 16: "x"}
    return text_of(value) if integer(base) == 10 else format(integer(value), codes[integer(base)])


_CONVERT = NetStatics(
    "System.Convert",
    {
        "tobase64string": lambda raw: base64.b64encode(bytes(raw)).decode(),
        "frombase64string": _from_base64,
        "toint32": _to_integer("System.Int32"),
        "toint64": _to_integer("System.Int64"),
        "touint32": _to_integer("System.UInt32"),
        "tobyte": _to_integer("System.Byte"),
        "tostring": _to_text,
        "toboolean": truth,
        "todatetime": date,
    },
)


def _bits(raw: object) -> str:
    return "-".join(f"{integer(one):02X}" for one in elements(raw))


def _utf8(mark: object = False, *_: object) -> object:
    return UTF8 if truth(mark) else UTF8_PLAIN


_ENCODINGS = [
    NetStatics(
        "System.Text.Encoding",
        properties={
            "utf8": lambda: UTF8,
            "ascii": lambda: ASCII,
            "unicode": lambda: UNICODE,
            "default": lambda: ANSI,
        },
    ),
    NetStatics("System.Text.UTF8Encoding", constructor=_utf8),
    NetStatics("System.Text.ASCIIEncoding", constructor=lambda: ASCII),
    NetStatics("System.Text.UnicodeEncoding", constructor=lambda: UNICODE),
]


def _new_list(source: object = None) -> GenericList:
    return GenericList(elements(source) if isinstance(source, list) else [])


_OTHERS = [
    NetStatics("System.Guid", {"newguid": uuid.uuid4, "parse": lambda text: types.cast(text, TypeName("guid"))}),
    NetStatics(
        "System.Version",
        {"parse": lambda text: types.cast(text, TypeName("version"))},
        constructor=lambda text: types.cast(text, TypeName("version")),
    ),
    NetStatics("System.BitConverter", {"tostring": _bits}),
    NetStatics(
        "System.Array",
        {"indexof": lambda values, one: next((at for at, item in enumerate(elements(values)) if item == one), -1)},
    ),
    NetStatics("System.Collections.ArrayList", constructor=_new_list),
    NetStatics("System.Collections.Generic.List`1", constructor=_new_list),
    NetStatics("System.Collections.Hashtable", constructor=Hashtable),
    NetStatics("System.Object", {"referenceequals": lambda left, right: left is right}),
    NetStatics(
        "System.Char",
        {
            "isdigit": lambda one: text_of(one).isdigit(),
            "isletter": lambda one: text_of(one).isalpha(),
            "iswhitespace": lambda one: text_of(one).isspace(),
        },
    ),
]


def system_types() -> list[NetStatics]:
    """The types of this module."""
    return [_STRING, _MATH, _CONVERT, *_number_types(), *_ENCODINGS, *_OTHERS]
