r"""An interpreter of the part of Windows PowerShell 5.1 that the scripts in `scripts/windows` use.

It is test equipment: the lab's hosts run real Windows programs but have no PowerShell, and with it they run the real
scripts, word for word, instead of a model of each. It proves nothing about Windows itself; it proves that a script
does what it says under the rules of the language, with those rules that surprise people kept on purpose: one element
is no array, strict mode, 5.1's command lines for programs, its encodings, redirected standard error, `-File` and
`$input`.

Whatever it does not know ends the script with `Unsupported: WHAT at FILE:LINE` and exit code 1, past every `catch`:
syntax, operators, commands (anything named Verb-Noun), parameters, attributes, .NET types, members, overloads, format
strings. Two parsers must agree on a script before any of it runs: the one here, and tree-sitter-powershell as a second
opinion by other people.

What tree-sitter-powershell refuses although it is PowerShell, so that scripts must write it otherwise:
- bare words in a list, `Select-Object Name, Value`: quote them;
- a script block with nothing in it;
- `break LABEL` and `continue LABEL`;
- `exe --a=$b`, `exe -q=1 --z`, a lone `-`, `--` or `+`, `[a-z]*`: put the arguments into an array and splat it;
- `exe $folder\x`, `exe "a"$b`, `exe a$(b)c`: quote the whole;
- several clauses of a `switch` on one line; statements on the line of a function's `param()`; a script that is only
  `param()`; an empty here-string;
- the method `.ForEach({ })`.

What is left out, loudly unless it says otherwise here:
- `class`, `enum`, `using`, `trap`, `data`, workflows, jobs, remoting, `Invoke-Expression`, `[ref]`, `--%`, XML, dynamic
  parameters, parameter sets, -WhatIf, -ErrorVariable and its like, module manifests, providers other than files,
  environment variables (`$env:`, `Test-Path Env:`) and what the host supplies for the registry;
- a cmdlet gets its piped objects all at once, when the command before it has ended (quietly); functions with `process`,
  ForEach-Object, Where-Object and `Select-Object -First` see them one by one, as on Windows;
- integers know Int32 and Int64 by their size only, and do not overflow into doubles (quietly); a typed array is an
  `Object[]` when asked for its type (quietly);
- objects on the console look as Format-List shows them, never as a table (quietly): a script's output is text or JSON;
- the local time is UTC, the culture invariant, or en-US where .NET asks for the current one (quietly);
- a plain hashtable is walked in an order that is fixed but not that of its writing.

`Interpreter` runs files and commands on a `Host` (host.py); cmdlets are declared with `cmdlet` (cmdlet.py); `survey`
(survey.py) finds without running a script what it names that is not known.
"""

from lab.powershell.interpreter import Interpreter

__all__ = ["Interpreter"]
