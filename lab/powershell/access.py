"""Members, methods and elements of values."""

from __future__ import annotations

from collections.abc import Callable

from lab.powershell import members, types
from lab.powershell.convert import collected, elements, integer
from lab.powershell.errors import PowerShellError, Unsupported
from lab.powershell.faults import AUTOMATION, NetFault, fault, os_fault
from lab.powershell.runtime import Runtime
from lab.powershell.scopes import ScriptBlock
from lab.powershell.statics import Statics
from lab.powershell.syntax import (
    Expression,
    Index,
    Member,
    MethodCall,
)
from lab.powershell.text import text_of
from lab.powershell.values import NOTHING, Char, ErrorRecord, Hashtable, NetException, NetType, PSObject, is_null


class Accessor(Runtime):
    """Reads members and elements, and calls methods."""

    statics: Statics

    def value(self, node: Expression) -> object:
        """The value of an expression."""
        raise NotImplementedError

    def _member(self, node: Member) -> object:
        target = self.value(node.target)
        name = text_of(self.value(node.name))
        if node.static:
            if not isinstance(target, NetType):
                raise Unsupported(f"'::{name}' of something that is not a type", str(node.place))
            return self.statics.get(target.full_name, name)
        return self.property(target, name)

    def property(self, target: object, name: str) -> object:
        """A property of a value; of an array's elements when the array has none of this name."""
        found, value = members.property_of(target, name)
        if found:
            return value
        strict = self.scope.is_strict()
        if isinstance(target, list | bytearray):
            items = [made for has, made in (members.property_of(item, name) for item in target) if has]
            if items or not strict:
                return collected([one for item in items for one in elements(item)]) if items else None
        elif name.lower() in ("count", "length") and not strict:
            return 0 if is_null(target) else 1
        if not strict:
            if not is_null(target) and not isinstance(target, PSObject | Hashtable | str | int | float):
                raise Unsupported(f"the property '{name}' of [{types.type_of(target)}]")
            return None
        message = f"The property '{name}' cannot be found on this object. Verify that the property exists."
        raise fault(
            message,
            "PropertyNotFoundStrict",
            type_name=f"{AUTOMATION}.PropertyNotFoundException",
            category="NotSpecified",
        )

    def _method_call(self, node: MethodCall) -> object:
        target = self.value(node.target)
        name = text_of(self.value(node.name))
        arguments = [self.value(argument) for argument in node.arguments]
        arguments = [None if argument is NOTHING else argument for argument in arguments]
        if node.static:
            if not isinstance(target, NetType):
                raise Unsupported(f"'::{name}()' of something that is not a type", str(node.place))
            full = target.full_name
            return self.guarded(name, len(arguments), lambda: self.statics.call(full, name, arguments))
        if is_null(target):
            raise fault("You cannot call a method on a null-valued expression.", "InvokeMethodOnNull")
        return self.method(target, name, arguments)

    def method(self, target: object, name: str, arguments: list[object]) -> object:
        """Call a method of a value."""
        if isinstance(target, ScriptBlock):
            if name.lower() not in ("invoke", "invokereturnasis"):
                raise Unsupported(f"the method '{name}' of a script block")
            return collected(self.call_block(target, arguments))
        if name.lower() in ("where", "foreach") and len(arguments) == 1 and isinstance(arguments[0], ScriptBlock):
            block = arguments[0]
            items = elements(target)
            if name.lower() == "where":
                return [item for item in items if self.test(block, item)]
            return [made for item in items for made in self.invoke(block, item, ())]
        return self.guarded(name, len(arguments), lambda: members.call_method(target, name, arguments))

    def call_block(self, block: ScriptBlock, arguments: list[object]) -> list[object]:
        """Run a script block in a scope of its own and return what it emits."""
        raise NotImplementedError

    def guarded(self, name: str, count: int, call: Callable[[], object]) -> object:
        """Run a .NET member; its exception becomes the error PowerShell wraps it in."""
        try:
            return call()
        except (NetFault, OSError) as error:
            fault_of = error if isinstance(error, NetFault) else os_fault(error, text_of(error.filename))
            inner = fault_of.exception
            message = f'Exception calling "{name}" with "{count}" argument(s): "{inner.message}"'
            outer = NetException(message, f"{AUTOMATION}.MethodInvocationException", inner)
            raise PowerShellError(
                ErrorRecord(outer, inner.type_name.rpartition(".")[2], "NotSpecified", None)
            ) from error

    def _index(self, node: Index) -> object:
        target, index = self.value(node.target), self.value(node.index)
        if is_null(target):
            raise fault("Cannot index into a null array.", "NullArray")
        if isinstance(target, members.PropertyBag):
            return target.by_name.get(text_of(index).lower())
        if isinstance(target, Hashtable):
            return self._entry(target, index)
        if isinstance(target, str | list | bytearray):
            if isinstance(index, list):
                picked = [self._element(target, one) for one in index]
                return [one for one in picked if one is not NOTHING]
            element = self._element(target, index)
            return None if element is NOTHING else element
        raise fault(f"Unable to index into an object of type {types.type_of(target)}.", "CannotIndex")

    def _entry(self, target: Hashtable, index: object) -> object:
        if isinstance(index, list):
            return [target.get(one) for one in index]
        if target.ordered and isinstance(index, int) and index not in target:
            keys = list(target)
            return target[keys[index]] if -len(keys) <= index < len(keys) else None
        return target.get(index)

    def _element(self, target: str | list[object] | bytearray, index: object) -> object:
        at = integer(index)
        if not -len(target) <= at < len(target):
            if self.scope.is_strict():
                raise fault(
                    "Index was outside the bounds of the array.",
                    "System.IndexOutOfRangeException",
                    type_name="System.IndexOutOfRangeException",
                    category="OperationStopped",
                )
            return NOTHING
        return Char(target[at]) if isinstance(target, str) else target[at]
