"""Values, conversions and operators of the PowerShell interpreter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.powershell_machine import make_machine, run

EXPRESSIONS = {
    "the left operand decides: number plus text adds": ("1 + '2'", "3"),
    "the left operand decides: text plus number joins": ("'1' + 2", "12"),
    "text that looks like a number equals the number": ("5 -eq '5'", "True"),
    "text compares with a number as text": ("'5.0' -eq 5", "False"),
    "text that is no number equals no number": ("5 -eq 'x'", "False"),
    "true equals any text that is not empty": ("$true -eq 'False'", "True"),
    "comparison ignores case": ("'ABC' -eq 'abc'", "True"),
    "the c variant minds case": ("'ABC' -ceq 'abc'", "False"),
    "null equals null only": ("($null -eq $null), ($null -eq ''), ($null -eq 0) -join ' '", "True False False"),
    "null is less than a number": ("$null -lt 1", "True"),
    "an array on the left is filtered": ("(1, 2, 3, 2) -eq 2", "2|2"),
    "an array filtered to nothing is false": ("[bool](@(1, 2) -eq 3)", "False"),
    "an array that has null is found by filtering": ("@(@(1, $null) -eq $null).Count", "1"),
    "an array of one false element is false": ("[bool]@(0)", "False"),
    "an array of two false elements is true": ("[bool]@(0, 0)", "True"),
    "an empty array is false": ("[bool]@()", "False"),
    "an empty hashtable is true": ("[bool]@{}", "True"),
    "the text False is true": ("[bool]'False'", "True"),
    "division of integers may give a fraction": ("7 / 2", "3.5"),
    "division that comes out even is whole": ("(6 / 2).GetType().Name", "Int32"),
    "a remainder has the sign of the left": ("-7 % 3", "-1"),
    "a cast to int rounds half to even": ("[int]2.5, [int]3.5 -join ' '", "2 4"),
    "doubles show fifteen digits": ("0.1 + 0.2", "0.3"),
    "a large number is an Int64": ("(5000000000).GetType().Name", "Int64"),
    "units multiply": ("(1kb) + (2mb)", "2098176"),
    "eight hexadecimal digits wrap": ("0xFFFFFFFF", "-1"),
    "text times a number repeats it": ("'ab' * 3", "ababab"),
    "arrays are joined by plus": ("(@(1) + 2 + @(3, 4)) -join ','", "1,2,3,4"),
    "a range counts down too": ("(3..1) -join ','", "3,2,1"),
    "comma binds tighter than the format operator": ("'{0}-{1}' -f 'a', 'b'", "a-b"),
    "format binds tighter than plus": ("'{0}' -f 'a' + 'b'", "ab"),
    "format: group separators and decimals": ("'{0:N2}' -f 1234567.891", "1,234,567.89"),
    "format: padding": ("'[{0,5}][{1,-5}]' -f 'a', 'b'", "[    a][b    ]"),
    "format: hexadecimal and digits": ("'{0:x4} {1:X} {2:D3}' -f 255, 255, 7", "00ff FF 007"),
    "format: doubled braces": ("'{{{0}}}' -f 1", "{1}"),
    "format: dates": ("'{0:yyyy-MM-ddTHH:mm:ssZ}' -f [datetime]::UtcNow", "2026-01-02T03:04:05Z"),
    "format: round trip": ("'{0:o}' -f [datetime]::UtcNow", "2026-01-02T03:04:05.0000000Z"),
    "format: a custom number": ("'{0:0.0#} {1:000}' -f 1.5, 7", "1.5 007"),
    "like uses wildcards": ("'kubelet.exe' -like '*.EXE'", "True"),
    "match sets Matches": (
        "if ('v1.36.4' -match 'v(?<major>\\d+)\\.(\\d+)') { $Matches['major'] + $Matches[1] }",
        "136",
    ),
    "replace uses groups": ("'a-b' -replace '(\\w)-(\\w)', '$2-$1'", "b-a"),
    "replace without a text removes": ("'sha256:ab' -replace '^sha256:'", "ab"),
    "replace works on each element": ("('a1', 'b2' -replace '\\d') -join ','", "a,b"),
    "split is by pattern": ("('a1b22c' -split '\\d+') -join ','", "a,b,c"),
    "split takes a maximum": ("('a=b=c' -split '=', 2) -join '|'", "a|b=c"),
    "unary split is at white space": ("(-split ' a  b ').Count", "2"),
    "unary join joins": ("-join ('a', 'b')", "ab"),
    "contains looks for an element": ("('a', 'b' -contains 'B'), ('ab' -contains 'a') -join ' '", "True False"),
    "in is contains the other way round": ("'B' -in 'a', 'b'", "True"),
    "is looks at the type": ("(1 -is [int]), ('1' -is [int]), (@() -is [array]) -join ' '", "True False True"),
    "as gives null when it cannot": ("$null -eq ('x' -as [int])", "True"),
    "as with an unknown type gives null": ("$null -eq ('No.Such' -as [type])", "True"),
    "bits": ("(6 -band 3), (6 -bor 1), (6 -bxor 2), (-bnot 0), (1 -shl 4) -join ' '", "2 7 4 -1 16"),
    "xor": ("$true -xor $true", "False"),
    "not binds tighter than and": ("-not $false -and $false", "False"),
    "versions compare by number": ("[version]'10.0.9' -lt [version]'10.0.10'", "True"),
    "dates are compared": ("[datetime]::UtcNow -lt [datetime]::UtcNow.AddSeconds(1)", "True"),
    "a date minus a date is a time span": ("([datetime]'2026-01-02' - [datetime]'2026-01-01').TotalHours", "24"),
    "a date in text is invariant": ("\"$([datetime]'2026-02-01T13:00:00')\"", "02/01/2026 13:00:00"),
    "a date's own text is American": ("([datetime]'2026-02-01T13:00:00').ToString()", "2/1/2026 1:00:00 PM"),
    "a time span from text": ("([timespan]'00:05:00').TotalSeconds", "300"),
    "a time span as text": ('"$([timespan]::FromSeconds(90))"', "00:01:30"),
    "a character converts to its code": ("[int][char]'A'", "65"),
    "a string indexes to characters": ("'abc'[0], 'abc'[-1] -join ''", "ac"),
    "an array indexes with several": ("(10, 20, 30)[0, 2] -join ','", "10,30"),
    "hashtables compare keys without case": ("@{ Name = 1 }['NAME']", "1"),
    "ordered keeps its order": ("([ordered]@{ z = 1; a = 2 }).Keys -join ','", "z,a"),
    "a custom object keeps its order": ('"$([pscustomobject]@{ z = 1; a = 2 })"', "@{z=1; a=2}"),
    "hashtables are added": ("(@{ a = 1 } + @{ b = 2 }).Count", "2"),
    "an array in a string is joined with blanks": ('"$(1, 2)"', "1 2"),
    "a nested array stays one element": ("@(, @(1, 2)).Count", "1"),
    "members of elements are collected": ("(@{ a = 1 }, @{ a = 2 }).a -join ','", "1,2"),
    "a cast to string array": ("([string[]](1, 2))[0].GetType().Name", "String"),
    "a property name may be computed": ("$n = 'Length'; 'abc'.$n", "3"),
    "strings: backtick escapes": ('"a`tb`"c`$d"', 'a\tb"c$d'),
    "strings: doubled quotes": ('"a ""b"" " + \'it\'\'s\'', 'a "b" it\'s'),
    "strings: a variable ends at a dot": ('$x = @(1, 2); "$x.Count"', "1 2.Count"),
    "strings: braces end a name": ('$x = 1; "${x}a"', "1a"),
    "strings: a dollar alone stays": ('"a$ b"', "a$ b"),
    "strings: nested quotes in a subexpression": ('"$("in " + "side")"', "in side"),
}


@pytest.mark.parametrize(("script", "expected"), EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_an_expression_has_the_value_windows_powershell_gives_it(script: str, expected: str, tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), script)
    assert ran.err == ""
    assert "|".join(ran.lines) == expected


def test_a_here_string_keeps_its_lines_and_fills_in_only_when_double_quoted(tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), '$x = 1\n@\'\na $x\n  b\n\'@\n@"\na $x "q"\n"@\n')
    assert ran.lines == ["a $x\n  b", 'a 1 "q"']


def test_a_plain_hashtable_is_not_walked_in_the_order_it_was_written(tmp_path: Path) -> None:
    keys = [f"key{number}" for number in range(8)]
    pairs = "; ".join(f"{key} = 1" for key in keys)
    ran = run(make_machine(tmp_path), f"@{{ {pairs} }}.Keys")
    assert sorted(ran.lines) == keys
    assert ran.lines != keys
