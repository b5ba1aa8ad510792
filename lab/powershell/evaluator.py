"""The value of an expression."""

from __future__ import annotations

from collections.abc import Callable

from lab.powershell import type_names, types
from lab.powershell.assignment import Assigner
from lab.powershell.convert import collected, elements, integer, is_array, number, truth
from lab.powershell.errors import PowerShellError, Unsupported
from lab.powershell.faults import fault
from lab.powershell.operators import add, apply
from lab.powershell.patterns import groups, matches, split_words
from lab.powershell.runtime import Emit
from lab.powershell.scopes import ScriptBlock
from lab.powershell.syntax import (
    ArrayExpression,
    ArrayLiteral,
    Binary,
    Block,
    Cast,
    Expandable,
    Expression,
    HashLiteral,
    Increment,
    Index,
    Literal,
    Member,
    MethodCall,
    Parenthesized,
    ScriptBlockLiteral,
    Statement,
    SubExpression,
    TypeLiteral,
    Unary,
    Variable,
)
from lab.powershell.syntax_statements import Assignment, CommandExpression, Pipeline
from lab.powershell.text import text_of
from lab.powershell.values import NOTHING, Hashtable, NetType, is_null

_MATCHES = {"-match", "-imatch", "-cmatch", "-notmatch", "-inotmatch", "-cnotmatch"}


class Evaluator(Assigner):
    """Evaluates expressions; statements and commands are added by its heirs."""

    def value(self, node: Expression) -> object:
        """The value of an expression."""
        method = _EVALUATE.get(type(node))
        if method is None:
            raise Unsupported(f"the expression {type(node).__name__}", str(node.place))
        return method(self, node)

    def run_block(self, block: Block, emit: Emit) -> None:
        """Run statements in the current scope."""
        raise NotImplementedError

    def statement_value(self, statement: Statement) -> object:
        """What a statement is worth as a value: a bare expression itself, else its collected output."""
        if isinstance(statement, Assignment):
            return self.assign(statement)
        if isinstance(statement, Pipeline) and len(statement.elements) == 1:
            only = statement.elements[0]
            if isinstance(only, CommandExpression) and not only.redirections:
                value = self.value(only.expression)
                self.succeeded = True
                return value
        items: list[object] = []
        self.run_block((statement,), items.append)
        return collected(items)

    def _literal(self, node: Literal) -> object:
        return node.value

    def _expandable(self, node: Expandable) -> str:
        return "".join(part if isinstance(part, str) else self.joined(self.value(part)) for part in node.parts)

    def joined(self, value: object) -> str:
        """A value inside an expandable string."""
        if isinstance(value, NetType):
            short = [name for name, full in type_names.ACCELERATORS.items() if full == value.full_name]
            return short[0] if short else value.full_name.removeprefix("System.").lower()
        return text_of(value)

    def _array_literal(self, node: ArrayLiteral) -> list[object]:
        made = [self.value(item) for item in node.items]
        return [None if item is NOTHING else item for item in made]

    def _array_expression(self, node: ArrayExpression) -> list[object]:
        if len(node.body) == 1 and isinstance(node.body[0], Pipeline):
            made = self.statement_value(node.body[0])
            # @() around an array is that array's elements; around one object it is an array of one.
            return elements(made)
        items: list[object] = []
        self.run_block(node.body, items.append)
        return items

    def _sub_expression(self, node: SubExpression) -> object:
        items: list[object] = []
        self.run_block(node.body, items.append)
        return collected(items)

    def _parenthesized(self, node: Parenthesized) -> object:
        return self.statement_value(node.inner)

    def _hash_literal(self, node: HashLiteral, *, ordered: bool = False) -> Hashtable:
        made = Hashtable(ordered=ordered)
        for key_node, value_node in node.pairs:
            key = self.value(key_node)
            if is_null(key):
                raise fault("A null key is not allowed in a hash literal.", "InvalidNullKey")
            if key in made:
                raise fault(
                    f"Duplicate keys '{text_of(key)}' are not allowed in hash literals.", "DuplicateKeyInHashLiteral"
                )
            value = self.statement_value(value_node)
            made[key] = None if value is NOTHING else value
        return made

    def _type_literal(self, node: TypeLiteral) -> NetType:
        return NetType(type_names.full_name(node.type))

    def _cast(self, node: Cast) -> object:
        name = type_names.full_name(node.type)
        if isinstance(node.operand, HashLiteral):
            if name == type_names.ACCELERATORS["ordered"]:
                return self._hash_literal(node.operand, ordered=True)
            if name == type_names.ACCELERATORS["pscustomobject"]:
                # A literal keeps the order it is written in.
                return types.cast(self._hash_literal(node.operand, ordered=True), node.type)
        return types.cast(self.value(node.operand), node.type)

    def _unary(self, node: Unary) -> object:
        value = self.value(node.operand)
        if node.operator == "-not":
            return not truth(value)
        if node.operator in ("-", "+"):
            return -number(value) if node.operator == "-" else number(value)
        if node.operator == "-bnot":
            return ~integer(value)
        if node.operator == "-join":
            return "".join(text_of(item) for item in elements(value))
        if node.operator in ("-split", "-isplit", "-csplit"):
            return split_words(value)
        raise Unsupported(f"the operator '{node.operator}'")

    def _increment(self, node: Increment) -> object:
        before = self.value(node.target)
        after = add(number(before), 1 if node.operator == "++" else -1)
        self.store(node.target, after)
        return after if node.prefix else (0 if is_null(before) else before)

    def _binary(self, node: Binary) -> object:
        if node.operator == "-and":
            return truth(self.value(node.left)) and truth(self.value(node.right))
        if node.operator == "-or":
            return truth(self.value(node.left)) or truth(self.value(node.right))
        left, right = self.value(node.left), self.value(node.right)
        if node.operator in ("-is", "-isnot", "-as"):
            return self._type_operator(node.operator, left, right)
        if node.operator in _MATCHES and not is_array(left):
            return self._match(node.operator, text_of(left), text_of(right))
        if node.operator.endswith("split") and isinstance(right, ScriptBlock):
            raise Unsupported("-split with a script block")
        return apply(node.operator, left, right)

    def _match(self, operator: str, text: str, pattern: str) -> bool:
        found = matches(text, pattern, case=operator.startswith("-c"))
        if found is not None:
            table = Hashtable()
            for key, value in groups(found).items():
                table[key] = value
            self.set_variable("", "Matches", table)
        return (found is not None) != ("not" in operator)

    def _type_operator(self, operator: str, left: object, right: object) -> object:
        name = type_names.parse_type_name(right.full_name if isinstance(right, NetType) else text_of(right))
        if operator == "-as":
            try:
                return types.cast(left, name)
            except PowerShellError:
                return None
            except Unsupported:
                # `'Name' -as [type]` asks whether there is such a type.
                if right == NetType("System.Type"):
                    return None
                raise
        return types.is_instance(left, type_names.full_name(name)) == (operator == "-is")

    def _script_block(self, node: ScriptBlockLiteral) -> ScriptBlock:
        return ScriptBlock(node.block, self.session)

    def _variable(self, node: Variable) -> object:
        if node.splat:
            raise Unsupported("a splatted variable outside a command", str(node.place))
        return self.variable(node)


_EVALUATE: dict[type[Expression], Callable[..., object]] = {
    Literal: Evaluator._literal,
    Expandable: Evaluator._expandable,
    Variable: Evaluator._variable,
    ArrayLiteral: Evaluator._array_literal,
    ArrayExpression: Evaluator._array_expression,
    SubExpression: Evaluator._sub_expression,
    Parenthesized: Evaluator._parenthesized,
    HashLiteral: Evaluator._hash_literal,
    TypeLiteral: Evaluator._type_literal,
    Cast: Evaluator._cast,
    Unary: Evaluator._unary,
    Increment: Evaluator._increment,
    Binary: Evaluator._binary,
    Member: Evaluator._member,
    MethodCall: Evaluator._method_call,
    Index: Evaluator._index,
    ScriptBlockLiteral: Evaluator._script_block,
}
