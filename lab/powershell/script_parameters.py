"""What the parameters of a script function, file or block declare."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.powershell.errors import PowerShellError, Unsupported
from lab.powershell.evaluator import Evaluator
from lab.powershell.faults import AUTOMATION, fault
from lab.powershell.syntax import Attribute, ParameterDeclaration, ScriptBlockSyntax
from lab.powershell.text import text_of

BINDING = f"{AUTOMATION}.ParameterBindingException"


VALIDATION = f"{AUTOMATION}.ParameterBindingValidationException"


_KNOWN_ATTRIBUTES = {
    "parameter",
    "alias",
    "validateset",
    "validatepattern",
    "validaterange",
    "validatelength",
    "validatecount",
    "validatescript",
    "validatenotnull",
    "validatenotnullorempty",
    "allownull",
    "allowemptystring",
    "allowemptycollection",
}


_PARAMETER_ARGUMENTS = {"mandatory", "position", "valuefrompipeline", "valuefrompipelinebypropertyname"}
_PARAMETER_ARGUMENTS |= {"valuefromremainingarguments", "helpmessage"}


_BLOCK_ATTRIBUTES = {"cmdletbinding", "outputtype", "diagnostics.codeanalysis.suppressmessageattribute"}
_BLOCK_ATTRIBUTES |= {
    "system.diagnostics.codeanalysis.suppressmessageattribute",
    "diagnostics.codeanalysis.suppressmessage",
}


def binding_fault(message: str, error_id: str, type_name: str = BINDING) -> PowerShellError:
    """The error of arguments that do not fit."""
    return fault(message, error_id, type_name=type_name, category="InvalidArgument")


@dataclass
class ScriptParameter:
    """A declared parameter with what its attributes say."""

    declaration: ParameterDeclaration
    options: dict[str, object] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)
    attributes: dict[str, Attribute] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name as declared."""
        return self.declaration.name

    @property
    def switch(self) -> bool:
        """Whether it is a switch."""
        return self.declaration.type is not None and self.declaration.type.name.lower() in ("switch", "switchparameter")


def describe(evaluator: Evaluator, syntax: ScriptBlockSyntax) -> list[ScriptParameter]:
    """The parameters of a script block; refuses attributes it does not know."""
    for attribute in syntax.attributes:
        if attribute.name.lower() not in _BLOCK_ATTRIBUTES:
            raise Unsupported(f"the attribute [{attribute.name}]", str(attribute.place))
    return [_described(evaluator, declaration) for declaration in syntax.parameters or ()]


def _described(evaluator: Evaluator, declaration: ParameterDeclaration) -> ScriptParameter:
    made = ScriptParameter(declaration)
    for attribute in declaration.attributes:
        name = attribute.name.lower().removesuffix("attribute")
        if name not in _KNOWN_ATTRIBUTES:
            raise Unsupported(f"the attribute [{attribute.name}]", str(attribute.place))
        made.attributes[name] = attribute
        if name == "alias":
            made.aliases = [text_of(evaluator.value(node)).lower() for node in attribute.positional]
        if name == "parameter":
            for key, node in attribute.named:
                if key.lower() not in _PARAMETER_ARGUMENTS:
                    raise Unsupported(f"[Parameter({key})]", str(attribute.place))
                made.options[key.lower()] = True if node is None else evaluator.value(node)
    return made


def is_advanced(syntax: ScriptBlockSyntax) -> bool:
    """Whether a block has [CmdletBinding()] or a [Parameter()] attribute, and so refuses unknown arguments."""
    if any(attribute.name.lower() == "cmdletbinding" for attribute in syntax.attributes):
        return True
    declared = (attribute for one in syntax.parameters or () for attribute in one.attributes)
    return any(attribute.name.lower() == "parameter" for attribute in declared)
