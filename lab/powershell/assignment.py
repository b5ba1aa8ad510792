"""Putting values into variables, members and elements."""

from __future__ import annotations

from lab.powershell import types
from lab.powershell.access import Accessor
from lab.powershell.convert import elements, integer
from lab.powershell.errors import Unsupported
from lab.powershell.faults import AUTOMATION, fault
from lab.powershell.operators import apply
from lab.powershell.syntax import (
    ArrayLiteral,
    Cast,
    Expression,
    Index,
    Member,
    Statement,
    Variable,
)
from lab.powershell.syntax_statements import Assignment
from lab.powershell.text import text_of
from lab.powershell.values import Hashtable, NetType, PSObject, is_null


class Assigner(Accessor):
    """Carries out assignments."""

    def statement_value(self, statement: Statement) -> object:
        """What a statement is worth as a value."""
        raise NotImplementedError

    def assign(self, node: Assignment) -> object:
        """Carry out an assignment; its value is the value that was assigned."""
        value = self.statement_value(node.value)
        if node.operator != "=":
            value = apply(node.operator[0], self.value(_plain(node.target)), value)
        self.store(node.target, value)
        return value

    def store(self, target: Expression, value: object) -> None:
        """Put a value where an expression points."""
        if isinstance(target, Variable):
            self.set_variable(target.scope, target.name, value)
        elif isinstance(target, Cast):
            self._store_typed(target, value)
        elif isinstance(target, ArrayLiteral):
            self._store_many(target, value)
        elif isinstance(target, Member):
            self._store_member(target, value)
        elif isinstance(target, Index):
            self._store_element(self.value(target.target), self.value(target.index), value)
        else:
            raise Unsupported("an assignment to this kind of expression", str(target.place))

    def _store_typed(self, target: Cast, value: object) -> None:
        made = types.cast(value, target.type)
        if isinstance(target.operand, Variable) and target.operand.scope != "env":
            scope = self._scope(target.operand.scope, target.operand.name)
            scope.types[target.operand.name.lower()] = target.type
        self.store(target.operand, made)

    def _store_many(self, target: ArrayLiteral, value: object) -> None:
        items = elements(value)
        last = len(target.items) - 1
        for at, item in enumerate(target.items):
            if at < last:
                self.store(item, items[at] if at < len(items) else None)
            else:
                rest = items[at:]
                self.store(item, rest[0] if len(rest) == 1 else rest or None)

    def _store_member(self, target: Member, value: object) -> None:
        name = text_of(self.value(target.name))
        if target.static:
            holder = self.value(target.target)
            if not isinstance(holder, NetType):
                raise Unsupported("a static member of something that is not a type")
            self.statics.set(holder.full_name, name, value)
            return
        holder = self.value(target.target)
        if isinstance(holder, Hashtable):
            holder[name] = value
            return
        writable = isinstance(holder, PSObject) and name in holder.properties and name.lower() not in holder.read_only
        if not writable:
            message = (
                f"The property '{name}' cannot be found on this object. Verify that the property exists and can be set."
            )
            raise fault(message, "PropertyAssignmentException", type_name=f"{AUTOMATION}.PropertyNotFoundException")
        assert isinstance(holder, PSObject)
        holder.properties[name] = value

    def _store_element(self, holder: object, index: object, value: object) -> None:
        if isinstance(holder, Hashtable):
            if is_null(index):
                raise fault("Index operation failed; the array index evaluated to null.", "NullArrayIndex")
            if holder.ordered and isinstance(index, int) and index not in holder:
                index = list(holder)[index]
            holder[index] = value
        elif isinstance(holder, list | bytearray):
            at = integer(index)
            if not -len(holder) <= at < len(holder):
                raise fault("Index was outside the bounds of the array.", "System.IndexOutOfRangeException")
            holder[at] = value  # type: ignore[call-overload] # a byte array refuses what is not a byte
        elif is_null(holder):
            raise fault("Cannot index into a null array.", "NullArray")
        else:
            raise fault(f"Unable to index into an object of type {types.type_of(holder)}.", "CannotIndex")


def _plain(target: Expression) -> Expression:
    return target.operand if isinstance(target, Cast) else target
