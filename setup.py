"""How the wheel is built: the project's folders as parts of one package; names like ``config`` are everybody's."""

import re
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

_OURS = "components|config|plan"
_IMPORT = re.compile(rf"^(\s*(?:from|import) )({_OURS})(?=[. ])", re.MULTILINE)
_COMMAND = re.compile(rf"(?<=python -m )({_OURS})(?=\.)")


class BuildPackage(build_py):
    """Copies modules into the wheel, and has them import each other, and name commands, by the package's name."""

    def build_module(self, module: str, module_file: str, package: str) -> object:
        """Copy one module."""
        done = super().build_module(module, module_file, package)
        copy = Path(self.get_module_outfile(self.build_lib, package.split("."), module))
        text = _IMPORT.sub(r"\1casement.\2", copy.read_text(encoding="utf-8"))
        copy.write_text(_COMMAND.sub(r"casement.\1", text), encoding="utf-8")
        return done


setup(cmdclass={"build_py": BuildPackage})
