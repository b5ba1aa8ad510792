"""What is taken out of logs: on the nodes by Perl and PowerShell, here by Python, all by the same patterns."""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path

import pytest

from operations.redaction import CUT_PATTERN, PATTERNS, Redactor
from tests.unit.powershell_machine import make_machine, run

PEM_LINE = "MIIEpAIBAAKCAQEA7bq3Zt0V0dW9xgq1k0a5hYqvV0m7m3d6x9a8b7c6d5e4f3g2"
PEM = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *[PEM_LINE] * 5, "-----END RSA PRIVATE KEY-----"])
PEM_BASE64 = base64.b64encode(PEM.encode()).decode()
CERTIFICATE = base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIDBTCCAe2gAwIBAgIB\n").decode()
JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl"

SECRETS = {
    "a private key": (f"before\n{PEM}\nafter", PEM_LINE),
    "a private key on one line": (PEM.replace("\n", "\\n"), PEM_LINE),
    "a kubeconfig's key": (f"    client-key-data: {PEM_BASE64}", PEM_BASE64[20:60]),
    "a bootstrap token": ("joining with abcdef.0123456789abcdef now", "0123456789abcdef"),
    "a JSON web token": (f"token read: [{JWT}]", "eyJpc3MiOiJrdWJlcm5ldGVzIn0"),
    "a bearer header": ("Authorization: Bearer s3cr3t-s3cr3t", "s3cr3t"),
    "a header in a command line": ("curl -H 'Authorization: Basic dXNlcjpwYXNz' x", "dXNlcjpwYXNz"),
    "a header in JSON": ('{"Authorization": "Bearer s3cr3t-s3cr3t"}', "s3cr3t"),
    "a password in a URL": ("proxy http://joe:hunter2@proxy:3128/x", "hunter2"),
    "a password in JSON": ('{"password": "it\'s \\"big\\" hunter2", "user": "x"}', "hunter2"),
    "a password in JSON in JSON": ('{"x": "{\\"password\\":\\"hunter2\\",\\"user\\":\\"bob\\"}"}', "hunter2"),
    "a variable": ("DB_PASSWORD=hun,ter2;x", "ter2"),
    "a variable of a container": ('{"name": "DB_PASSWORD",\n "value": "hunter2"}', "hunter2"),
    "a variable of a container in JSON in JSON": (
        '{"x": "[{\\"name\\":\\"DB_TOKEN\\",\\"value\\":\\"hunter2\\"}]"}',
        "hunter2",
    ),
    "a password in JSON in JSON in JSON": (
        '{"x": "{\\"y\\": \\"{\\\\\\"password\\\\\\": \\\\\\"hunter2\\\\\\"}\\"}"}',
        "hunter2",
    ),
    "a parameter": ("kubeadm join --token s3cr3tvalue --v=5", "s3cr3tvalue"),
    "a parameter of PowerShell": ("Join-Cluster.ps1 -Token s3cr3tvalue", "s3cr3tvalue"),
    "a value handed to Pulumi": ("run pulumi config set --secret sshPassword hunter2", "hunter2"),
    "a value with spaces handed to Pulumi": ("pulumi config set --secret casement:x 'hun ter2'", "ter2"),
    "a parameter called secret": ("other config set --secret s3cr3tvalue", "s3cr3tvalue"),
    "a registry's login": ('{"auths": {"r": {"auth": "am9lOmh1bnRlcjI="}}}', "am9lOmh1bnRlcjI="),
    "a key of a storage account": ("AccountName=a;AccountKey=c2VjcmV0c2VjcmV0c2VjcmV0;", "c2VjcmV0"),
}
HARMLESS = (
    "give the key itself with `pulumi config set --secret sshPrivateKey < FILE`",
    "put the key into a secret (`pulumi config set --secret sshPrivateKey`) after taking the passphrase off a copy",
    '"automountServiceAccountToken": false, "secret": {"secretName": "abc"}',
    f"certificate-authority-data: {CERTIFICATE}",
    f"sha256:{'0123456789abcdef' * 4}",
    "I1124 15:00:00.000000    1234 kubelet.go:7] pod=kube-system/coredns-66bc5c9577-8q9zl phase=Running",
    r"C:\k\kubelet.exe --windows-service --bootstrap-kubeconfig=C:\etc\kubernetes\bootstrap-kubelet.conf",
)
PERL = """
my @patterns = @ARGV; local $/; my $text = <STDIN>;
for my $pattern (@patterns) { $text =~ s/$pattern/$1\\[removed\\]/g }
print $text;
"""


def by_perl(text: str) -> str:
    return subprocess.run(
        ["perl", "-e", PERL, *PATTERNS], input=text, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize(("text", "secret"), SECRETS.values(), ids=SECRETS)
def test_what_looks_secret_is_removed_by_each_language(text: str, secret: str, tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    machine.path(r"C:\in.txt").write_text(text)
    patterns = ", ".join("'" + pattern.replace("'", "''") + "'" for pattern in PATTERNS)
    done = run(
        machine,
        f"$kept = [System.IO.File]::ReadAllText('C:\\in.txt')\nforeach ($pattern in @({patterns})) "
        "{ $kept = [regex]::Replace($kept, $pattern, '$1[removed]') }\n"
        "[System.IO.File]::WriteAllText('C:\\out.txt', $kept)",
    )
    assert done.code == 0, done.err
    cleaned = Redactor().clean(text.encode()).decode()
    for found in (cleaned, by_perl(text), machine.path(r"C:\out.txt").read_text()):
        assert secret not in found
        assert "[removed]" in found


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_stays(text: str) -> None:
    assert Redactor().clean(text.encode()).decode() == text
    assert by_perl(text) == text


@pytest.mark.parametrize("secret", ["password=hunter2-hunter2", "abcdef.0123456789abcdef", PEM])
def test_a_secret_is_found_inside_of_base64(secret: str) -> None:
    encoded = base64.b64encode(secret.encode()).decode()
    assert encoded[:40] not in Redactor().clean(f"data: {encoded} end".encode()).decode()


@pytest.mark.parametrize("before", ["", "x", "xy"])
def test_a_known_secret_is_found_as_it_is_and_at_every_place_in_base64(before: str) -> None:
    redactor = Redactor(["known-secret/value"])
    for text in ("known-secret/value", "known-secret%2Fvalue"):
        assert redactor.clean(f"see {text}.".encode()) == b"see [removed]."
    encoded = base64.b64encode(f"{before}known-secret/value and more".encode()).decode()
    cleaned = redactor.clean(encoded.encode()).decode()
    assert b"known-secret" not in base64.b64decode(re.sub(r"\[removed\]", "", cleaned) + "==")


def test_each_line_of_a_known_key_is_secret_by_itself() -> None:
    assert PEM_LINE.encode() not in Redactor([PEM]).clean(f"line 3: <{PEM_LINE}>".encode())


def test_text_in_utf16_is_read() -> None:
    assert b"hunter2" not in Redactor().clean("password=hunter2".encode("utf-16-le"))


def test_the_rest_of_a_key_whose_beginning_was_cut_off_is_found() -> None:
    rest = f"{PEM_LINE}\n{PEM_LINE}\n-----END PRIVATE KEY-----\nnext"
    assert re.sub(CUT_PATTERN, "", rest) == "\nnext"
    whole = f"first\n{PEM}\nnext"
    assert re.sub(CUT_PATTERN, "", whole) == whole
