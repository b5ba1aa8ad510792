"""The binary operators, as functions of two values; comparisons filter an array on the left."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from lab.powershell.convert import date, elements, integer, is_array, number, parse_date, timespan, truth, version
from lab.powershell.errors import PowerShellError, Unsupported
from lab.powershell.faults import fault
from lab.powershell.patterns import matches, replace, split, wildcard
from lab.powershell.text import format_string, text_of
from lab.powershell.values import EnumValue, Hashtable, NetType, Version, is_null

Operator = Callable[[object, object], object]


def _no_operator(name: str, left: object) -> PowerShellError:
    shown = type(left).__name__
    return fault(
        f"Method invocation failed because [{shown}] does not contain a method named '{name}'.", "MethodNotFound"
    )


def add(left: object, right: object) -> object:  # noqa: PLR0911 - one rule per kind of left operand
    """`left + right`: the left operand decides."""
    if is_null(left):
        return right
    if isinstance(left, list | bytearray):
        return list(left) + elements(right)
    if isinstance(left, str):
        return text_of(left) + text_of(right)
    if isinstance(left, Hashtable):
        return _merged(left, right)
    if isinstance(left, datetime):
        return left + timespan(right)
    if isinstance(left, timedelta):
        return left + timespan(right)
    if isinstance(left, int | float | Decimal):
        return _arithmetic("+", left, right)
    raise _no_operator("op_Addition", left)


def _merged(left: Hashtable, right: object) -> Hashtable:
    if not isinstance(right, Hashtable):
        raise fault("A hash table can only be added to another hash table.", "AddHashTableToNonHashTable")
    made = Hashtable(ordered=left.ordered)
    for key, value in [*left.items(), *right.items()]:
        if key in made:
            raise fault(f"Item has already been added. Key in dictionary: '{text_of(key)}'", "ArgumentException")
        made[key] = value
    return made


def _arithmetic(operator: str, left: object, right: object) -> object:
    one, two = number(left), number(right)
    if isinstance(one, Decimal) or isinstance(two, Decimal):
        one, two = Decimal(str(one)), Decimal(str(two))
        return {"+": one + two, "-": one - two, "*": one * two}[operator]
    return {"+": one + two, "-": one - two, "*": one * two}[operator]


def subtract(left: object, right: object) -> object:
    """`left - right`."""
    if isinstance(left, datetime):
        if isinstance(right, datetime):
            return left.replace(tzinfo=None) - right.replace(tzinfo=None)
        return left - timespan(right)
    if isinstance(left, timedelta):
        return left - timespan(right)
    if is_array(left) or isinstance(left, Hashtable):
        raise _no_operator("op_Subtraction", left)
    return _arithmetic("-", left, right)


def multiply(left: object, right: object) -> object:
    """`left * right`: repeats a string or an array on the left."""
    if isinstance(left, str):
        return text_of(left) * integer(right)
    if isinstance(left, list | bytearray):
        return list(left) * integer(right)
    return _arithmetic("*", left, right)


def divide(left: object, right: object) -> object:
    """`left / right`: whole when it comes out even, else a double."""
    one, two = number(left), number(right)
    if two == 0 and not isinstance(one, float) and not isinstance(two, float):
        raise fault("Attempted to divide by zero.", "RuntimeException", category="NotSpecified")
    if isinstance(one, int) and isinstance(two, int):
        return one // two if one % two == 0 else one / two
    return float(one) / float(two)


def remainder(left: object, right: object) -> object:
    """`left % right`, with the sign of the left."""
    one, two = number(left), number(right)
    if two == 0:
        raise fault("Attempted to divide by zero.", "RuntimeException", category="NotSpecified")
    if isinstance(one, float) or isinstance(two, float):
        return math.fmod(one, two)
    rest = abs(int(one)) % abs(int(two))
    return -rest if one < 0 else rest


def equal(left: object, right: object, case: bool) -> bool:  # noqa: PLR0911 - one rule per kind of left operand
    """Whether two scalars are equal; the right one is converted to the kind of the left one."""
    if is_null(left) or is_null(right):
        return is_null(left) and is_null(right)
    if isinstance(left, EnumValue) and isinstance(right, int):
        return left.number == right
    if isinstance(left, str):
        one, two = text_of(left), text_of(right)
        return one == two if case else one.casefold() == two.casefold()
    if isinstance(left, bool):
        return left == truth(right)
    if isinstance(left, int | float | Decimal):
        return _equal_number(left, right)
    if isinstance(left, datetime):
        two_date = right if isinstance(right, datetime) else parse_date(text_of(right))
        return two_date is not None and left.replace(tzinfo=None) == two_date.replace(tzinfo=None)
    if isinstance(left, timedelta) and isinstance(right, str):
        return left == timespan(right)
    if isinstance(left, Version):
        return left == version(right)
    if isinstance(left, NetType):
        return left.full_name.lower() == text_of(right).lower()
    if isinstance(right, str) and not isinstance(left, Hashtable):
        return text_of(left).casefold() == right.casefold()
    return left is right or (type(left) is type(right) and left == right)


def _equal_number(left: float | Decimal, right: object) -> bool:
    try:
        return left == number(right)
    except PowerShellError:
        return False


def compare(left: object, right: object, case: bool) -> int:
    """The order of two scalars: negative, zero or positive."""
    if is_null(left) or is_null(right):
        return _compare_null(left, right)
    one: object
    two: object
    if isinstance(left, str) and not isinstance(left, EnumValue):
        one, two = text_of(left), text_of(right)
        if not case:
            one, two = one.casefold(), two.casefold()
        return (one > two) - (one < two)
    if isinstance(left, datetime):
        first, second = left.replace(tzinfo=None), date(right).replace(tzinfo=None)
        return (first > second) - (first < second)
    if isinstance(left, timedelta):
        return (left > timespan(right)) - (left < timespan(right))
    if isinstance(left, Version):
        return (left > version(right)) - (left < version(right))
    if isinstance(left, bool | int | float | Decimal | EnumValue):
        value, other = number(left), number(right)
        return (value > other) - (value < other)
    raise fault("Cannot compare because it is not IComparable.", "NotIcomparable")


def _compare_null(left: object, right: object) -> int:
    if is_null(left) and is_null(right):
        return 0
    other = right if is_null(left) else left
    negative = isinstance(other, int | float) and other < 0
    order = 1 if negative else -1
    return order if is_null(left) else -order


def _filtering(test: Callable[[object, object], bool]) -> Operator:
    def apply(left: object, right: object) -> object:
        if isinstance(left, list | bytearray):
            return [item for item in left if test(item, right)]
        return test(left, right)

    return apply


def _contains(values: object, wanted: object, case: bool) -> bool:
    return any(equal(item, wanted, case) for item in elements(values))


def _cased(case: bool) -> dict[str, Operator]:
    tests: dict[str, Callable[[object, object], bool]] = {
        "eq": lambda left, right: equal(left, right, case),
        "ne": lambda left, right: not equal(left, right, case),
        "gt": lambda left, right: compare(left, right, case) > 0,
        "ge": lambda left, right: compare(left, right, case) >= 0,
        "lt": lambda left, right: compare(left, right, case) < 0,
        "le": lambda left, right: compare(left, right, case) <= 0,
        "like": lambda left, right: wildcard(text_of(right), case)(text_of(left)),
        "notlike": lambda left, right: not wildcard(text_of(right), case)(text_of(left)),
        "match": lambda left, right: matches(text_of(left), text_of(right), case) is not None,
        "notmatch": lambda left, right: matches(text_of(left), text_of(right), case) is None,
    }
    table: dict[str, Operator] = {name: _filtering(test) for name, test in tests.items()}
    table["contains"] = lambda left, right: _contains(left, right, case)
    table["notcontains"] = lambda left, right: not _contains(left, right, case)
    table["in"] = lambda left, right: _contains(right, left, case)
    table["notin"] = lambda left, right: not _contains(right, left, case)
    table["replace"] = lambda left, right: replace(left, right, case)
    table["split"] = lambda left, right: split(left, right, case)
    return table


def _join(left: object, right: object) -> str:
    return text_of(right).join(text_of(item) for item in elements(left))


def span(left: object, right: object) -> list[object]:
    """`left..right`."""
    first, last = integer(left), integer(right)
    return list(range(first, last + 1) if first <= last else range(first, last - 1, -1))


def _format(left: object, right: object) -> str:
    return format_string(text_of(left), elements(right) if not is_null(right) else [None])


def _shift(left: object, right: object, direction: int) -> int:
    places = integer(right)
    shifted = integer(left) >> places if direction < 0 else integer(left) << places
    if not 0 <= places < 32 or not -(1 << 31) <= shifted < 1 << 31:
        # An int here is Int32 or Int64, which would differ.
        raise Unsupported("a shift over the bounds of Int32; multiply instead")
    return shifted


OPERATORS: dict[str, Operator] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": remainder,
    "..": span,
    "-f": _format,
    "-join": _join,
    "-band": lambda left, right: integer(left, "System.Int64", 64) & integer(right, "System.Int64", 64),
    "-bor": lambda left, right: integer(left, "System.Int64", 64) | integer(right, "System.Int64", 64),
    "-bxor": lambda left, right: integer(left, "System.Int64", 64) ^ integer(right, "System.Int64", 64),
    "-shl": lambda left, right: _shift(left, right, 1),
    "-shr": lambda left, right: _shift(left, right, -1),
    "-xor": lambda left, right: truth(left) != truth(right),
    **{f"-{name}": operator for name, operator in _cased(False).items()},
    **{f"-i{name}": operator for name, operator in _cased(False).items()},
    **{f"-c{name}": operator for name, operator in _cased(True).items()},
}


def apply(operator: str, left: object, right: object) -> object:
    """The result of a binary operator that needs no more than its operands."""
    if operator not in OPERATORS:
        raise Unsupported(f"the operator '{operator}'")
    return OPERATORS[operator](left, right)
