"""The cmdlets that come with the PowerShell interpreter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.powershell_machine import make_machine, run

FILES = """
$null = New-Item -ItemType Directory -Force -Path 'C:\\k\\sub'
[System.IO.File]::WriteAllText('C:\\k\\b.txt', "one`r`ntwo`r`nthree`r`n")
[System.IO.File]::WriteAllText('C:\\k\\a.log', 'abc')
[System.IO.File]::WriteAllText('C:\\k\\sub\\c.txt', 'c')
"""

WITH_FILES = {
    "lines": ("(Get-Content -Path 'C:\\k\\b.txt') -join '|'", ["one|two|three"]),
    "the last lines": ("(Get-Content -Path 'C:\\k\\b.txt' -Tail 2) -join '|'", ["two|three"]),
    "the whole text": ("(Get-Content -Path 'C:\\k\\b.txt' -Raw).Length", ["17"]),
    "one line is a text, not an array": ("(Get-Content 'C:\\k\\a.log').GetType().Name", ["String"]),
    "a folder's names in order": ("(Get-ChildItem -Path 'C:\\k').Name -join ','", ["a.log,b.txt,sub"]),
    "files only": ("(Get-ChildItem -Path 'C:\\k' -File).Name -join ','", ["a.log,b.txt"]),
    "folders only": ("(Get-ChildItem -Path 'C:\\k' -Directory).FullName", ["C:\\k\\sub"]),
    "a filter": ("(Get-ChildItem -Path 'C:\\k' -Filter '*.txt').Name", ["b.txt"]),
    "everything below": (
        "(Get-ChildItem -Path 'C:\\k' -Recurse -File).FullName -join ','",
        ["C:\\k\\a.log,C:\\k\\b.txt,C:\\k\\sub\\c.txt"],
    ),
    "an empty folder gives nothing": ("Remove-Item 'C:\\k\\sub\\c.txt'\n@(Get-ChildItem 'C:\\k\\sub').Count", ["0"]),
    "wildcards": ("(Get-ChildItem 'C:\\k\\*.txt').Name\nTest-Path 'C:\\k\\*.nope'", ["b.txt", "False"]),
    "size and kind": (
        "$i = Get-Item 'C:\\k\\a.log'\n\"$($i.Length) $($i.PSIsContainer) $($i.Extension)\"",
        ["3 False .log"],
    ),
    "a path is there": (
        "Test-Path 'C:\\k\\a.log'\nTest-Path 'C:\\k' -PathType Leaf\nTest-Path C:\\k -PathType Container",
        ["True", "False", "True"],
    ),
    "a file is moved over another with -Force": (
        "Move-Item -Path 'C:\\k\\a.log' -Destination 'C:\\k\\b.txt' -Force\n"
        "Get-Content 'C:\\k\\b.txt'\nTest-Path 'C:\\k\\a.log'",
        ["abc", "False"],
    ),
    "a file is copied into a folder": (
        "Copy-Item 'C:\\k\\a.log' 'C:\\k\\sub'\nTest-Path 'C:\\k\\sub\\a.log'",
        ["True"],
    ),
    "a folder is copied": ("Copy-Item 'C:\\k' 'C:\\j' -Recurse\nTest-Path 'C:\\j\\sub\\c.txt'", ["True"]),
    "a folder is removed with what is in it": ("Remove-Item 'C:\\k' -Recurse -Force\nTest-Path C:\\k", ["False"]),
    "a file is renamed": ("Rename-Item 'C:\\k\\a.log' 'z.log'\nTest-Path 'C:\\k\\z.log'", ["True"]),
    "text is added": ("Add-Content -Path 'C:\\k\\a.log' -Value 'd'\n(Get-Content 'C:\\k\\a.log') -join '|'", ["abcd"]),
    "a digest in upper case": (
        "(Get-FileHash -Path 'C:\\k\\a.log' -Algorithm SHA256).Hash",
        ["BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"],
    ),
    "a relative path starts at the location": (
        "Push-Location -Path 'C:\\k'\nTest-Path 'a.log'\nPop-Location\nTest-Path 'a.log'",
        ["True", "False"],
    ),
    "a missing folder is an error": ("try { Get-ChildItem C:\\none -ErrorAction Stop } catch { 'caught' }", ["caught"]),
}


@pytest.mark.parametrize(("script", "expected"), WITH_FILES.values(), ids=WITH_FILES.keys())
def test_files(script: str, expected: list[str], tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), FILES + script)
    assert ran.err == ""
    assert ran.lines == expected


ENCODINGS = {
    "UTF8 writes a mark": ("'ü' | Set-Content C:\\x -Encoding UTF8", b"\xef\xbb\xbf\xc3\xbc\r\n"),
    "the default is the ANSI code page": ("Set-Content C:\\x 'ü'", b"\xfc\r\n"),
    "ASCII loses what it does not know": ("Set-Content C:\\x 'ü' -Encoding ASCII", b"?\r\n"),
    "no new line": ("Set-Content C:\\x 'a' -NoNewline", b"a"),
    "Out-File is UTF-16": ("'a' | Out-File C:\\x", b"\xff\xfea\x00\r\x00\n\x00"),
    "redirection is UTF-16": ("'a' > C:\\x", b"\xff\xfea\x00\r\x00\n\x00"),
    "WriteAllText is UTF-8 without a mark": ("[IO.File]::WriteAllText('C:\\x', 'ü')", b"\xc3\xbc"),
    "an added text gets no second mark": (
        "Add-Content C:\\x 'a' -Encoding UTF8\nAdd-Content C:\\x 'b' -Encoding UTF8",
        b"\xef\xbb\xbfa\r\nb\r\n",
    ),
}


@pytest.mark.parametrize(("script", "expected"), ENCODINGS.values(), ids=ENCODINGS.keys())
def test_text_is_written_as_5_1_encodes_it(script: str, expected: bytes, tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    assert run(machine, script).err == ""
    assert machine.path(r"C:\x").read_bytes() == expected


def test_text_without_a_mark_is_read_in_the_ansi_code_page(tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    machine.path(r"C:\x").write_bytes("ü".encode())
    script = "Get-Content C:\\x\nGet-Content C:\\x -Encoding UTF8\n[IO.File]::ReadAllText('C:\\x')"
    assert run(machine, script).lines == ["Ã¼", "ü", "ü"]


JSON = {
    "compressed": (
        "ConvertTo-Json -InputObject ([ordered]@{ a = 1; b = @('x'); c = $null; d = $true }) -Compress",
        ['{"a":1,"b":["x"],"c":null,"d":true}'],
    ),
    "one piped object is no array": ("@(1) | ConvertTo-Json -Compress", ["1"]),
    "an array as argument stays one": ("ConvertTo-Json -InputObject @(1) -Compress", ["[1]"]),
    "several piped objects are an array": ("1, 2 | ConvertTo-Json -Compress", ["[1,2]"]),
    "below the depth there is only text": (
        "ConvertTo-Json -InputObject @{ a = @{ b = @{ c = @{ d = 1 } } } } -Compress",
        ['{"a":{"b":{"c":"System.Collections.Hashtable"}}}'],
    ),
    "with enough depth": (
        "ConvertTo-Json -InputObject @{ a = @{ b = @{ c = @{ d = 1 } } } } -Depth 5 -Compress",
        ['{"a":{"b":{"c":{"d":1}}}}'],
    ),
    "some characters are escaped": (
        "ConvertTo-Json -InputObject \"<a> & 'b'\"",
        ['"\\u003ca\\u003e \\u0026 \\u0027b\\u0027"'],
    ),
    "an object is read": ('$o = ConvertFrom-Json \'{"a": {"b": [1, 2]}}\'\n$o.a.b[1]', ["2"]),
    "an array comes as one object": ("@(ConvertFrom-Json '[1, 2, 3]' | ForEach-Object { 'x' }).Count", ["1"]),
    "in a variable it is an array": ("$x = ConvertFrom-Json '[1, 2, 3]'\n@($x | ForEach-Object { 'x' }).Count", ["3"]),
    "an array of one in a variable stays an array": ("$x = ConvertFrom-Json '[1]'\n$x.GetType().Name", ["Object[]"]),
    "piped lines are one text": ("('{', '\"a\": 1', '}' | ConvertFrom-Json).a", ["1"]),
    "numbers keep their kind": (
        '$o = ConvertFrom-Json \'{"i": 1, "d": 1.5}\'\n$o.i.GetType().Name\n$o.d.GetType().Name',
        ["Int32", "Double"],
    ),
    "properties are listed": ("(ConvertFrom-Json '{\"x\": 1, \"y\": 2}').PSObject.Properties.Name -join ','", ["x,y"]),
    "a property is looked for": (
        "$o = ConvertFrom-Json '{\"x\": 1}'\n[bool]$o.PSObject.Properties['x']\n[bool]$o.PSObject.Properties['y']",
        ["True", "False"],
    ),
    "what is no JSON is an error": ("try { ConvertFrom-Json 'nope' } catch { 'caught' }", ["caught"]),
}


@pytest.mark.parametrize(("script", "expected"), JSON.values(), ids=JSON.keys())
def test_json(script: str, expected: list[str], tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), f"Set-StrictMode -Version Latest\n{script}")
    assert ran.err == ""
    assert ran.lines == expected


def test_what_get_content_gives_is_refused_in_json_because_5_1_writes_an_object(tmp_path: Path) -> None:
    ran = run(
        make_machine(tmp_path),
        "Set-Content C:\\x 'a'\n$l = Get-Content C:\\x\nConvertTo-Json @([string]$l)\nConvertTo-Json @($l)",
    )
    assert ran.lines == ["[", '    "a"', "]"]
    assert "cast it to [string]" in ran.err


OBJECTS = {
    "sorting": ("(3, 1, 2 | Sort-Object -Descending) -join ','", ["3,2,1"]),
    "sorting by property, without doubles": (
        "('b', 'a', 'B' | ForEach-Object { [pscustomobject]@{ n = $_ } } | Sort-Object n -Unique).n -join ','",
        ["a,b"],
    ),
    "the last ones": ("(1..5 | Select-Object -Last 2) -join ','", ["4,5"]),
    "skipping": ("(1..5 | Select-Object -Skip 1 -First 2) -join ','", ["2,3"]),
    "expanding a property": (
        "@{ a = 1, 2 } | ForEach-Object { [pscustomobject]$_ } | Select-Object -ExpandProperty a",
        ["1", "2"],
    ),
    "without doubles": ("(1, 2, 1 | Select-Object -Unique) -join ','", ["1,2"]),
    "where with a comparison": ("('a', 'bb' | Where-Object Length -GT 1)", ["bb"]),
    "where with a block": ("(1..4 | Where-Object { $_ % 2 }) -join ','", ["1,3"]),
    "each with a member name": ("('a', 'bb' | ForEach-Object Length) -join ','", ["1,2"]),
    "each with a method name": ("'ab' | ForEach-Object ToUpper", ["AB"]),
    "grouping": ("(1, 2, 1 | Group-Object | ForEach-Object { \"$($_.Name)x$($_.Count)\" }) -join ','", ["1x2,2x1"]),
    "measuring": ("(1..4 | Measure-Object -Sum).Sum\n(1..4 | Measure-Object).Count", ["10", "4"]),
    "comparing": (
        "(Compare-Object @(1, 2) @(2, 3) | ForEach-Object { \"$($_.InputObject)$($_.SideIndicator)\" }) -join ','",
        ["3=>,1<="],
    ),
    "joining paths": ("Join-Path 'C:\\k\\' '\\x'\nJoin-Path 'C:\\k' 'a\\b'", ["C:\\k\\x", "C:\\k\\a\\b"]),
    "splitting paths": (
        "Split-Path 'C:\\k\\x.txt'\nSplit-Path 'C:\\k\\x.txt' -Leaf\n"
        "Split-Path 'C:\\k' -Parent\nSplit-Path C:\\k -Qualifier",
        ["C:\\k", "x.txt", "C:\\", "C:"],
    ),
    "waiting passes time": (
        "$a = [datetime]::UtcNow\nStart-Sleep -Seconds 90\n([datetime]::UtcNow - $a).TotalSeconds",
        ["90"],
    ),
    "waiting milliseconds": (
        "$w = [Diagnostics.Stopwatch]::StartNew()\nStart-Sleep -Milliseconds 1500\n$w.Elapsed.TotalSeconds",
        ["1.5"],
    ),
    "a date in a format": ("Get-Date -Format 'yyyy-MM-dd HH:mm'", ["2026-01-02 03:04"]),
    "a time between": ("(New-TimeSpan -Minutes 2).TotalSeconds", ["120"]),
    "a command that is there": (
        "(Get-Command Join-Path).CommandType\n$null -eq (Get-Command none.exe -ErrorAction SilentlyContinue)",
        ["Cmdlet", "True"],
    ),
    "the parameters of a function": (
        "function Get-It {\nparam($A, [switch] $B)\n}\n(Get-Command Get-It).Parameters.Keys -join ','",
        ["A,B"],
    ),
    "adding a member": (
        "$o = [pscustomobject]@{ a = 1 }\n$o | Add-Member -NotePropertyName b -NotePropertyValue 2\n$o.b",
        ["2"],
    ),
    "variables by name": (
        "Set-Variable -Name x -Value 3\n(Get-Variable x).Value\nRemove-Variable x\n$null -eq $x",
        ["3", "True"],
    ),
    "a string of objects": ("(1, 2 | Out-String).Length", ["6"]),
}


@pytest.mark.parametrize(("script", "expected"), OBJECTS.values(), ids=OBJECTS.keys())
def test_objects(script: str, expected: list[str], tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), script)
    assert ran.err == ""
    assert ran.lines == expected
