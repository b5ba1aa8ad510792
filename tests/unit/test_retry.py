"""A step is run again when its connection was cut, and never when its script answered."""

import pytest

from components.retry import connection_was_cut

COMMAND = 'running "timeout -k 10 60 bash .casement/linux/step.sh x.sh 0":\n'


@pytest.mark.parametrize(
    "error",
    [
        f"wait: remote command exited without exit status or exit signal: {COMMAND}half a line",
        f"read tcp 10.77.0.1:5000->10.77.0.21:22: read: connection reset by peer: {COMMAND}",
        "ssh: handshake failed: read tcp 10.77.0.1:5000->10.77.0.21:22: read: connection reset by peer",
        "failed to create session: EOF",
        f"EOF: {COMMAND}",
    ],
)
def test_a_cut_connection_is_recognised(error: str) -> None:
    assert connection_was_cut(error)


@pytest.mark.parametrize(
    "error",
    [
        f"Process exited with status 1: {COMMAND}error: curl said: connection reset by peer",
        f"Process exited with status 124: {COMMAND}",
        "after 12 failed attempts: dial tcp 10.77.0.99:22: connect: no route to host",
        "ssh: handshake failed: ssh: host key mismatch",
        "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey]",
    ],
)
def test_an_answer_of_the_script_or_a_refusal_is_not(error: str) -> None:
    assert not connection_was_cut(error)
