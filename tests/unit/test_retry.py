"""A step is run again when its connection was cut, and never when its script answered."""

import pytest

from components.retry import api_was_away, connection_was_cut

COMMAND = 'running "timeout -k 10 60 bash .casement/linux/step.sh x.sh 0":\n'


@pytest.mark.parametrize(
    "error",
    [
        f"wait: remote command exited without exit status or exit signal: {COMMAND}half a line",
        f"read tcp 10.77.0.1:5000->10.77.0.21:22: read: connection reset by peer: {COMMAND}",
        "ssh: handshake failed: read tcp 10.77.0.1:5000->10.77.0.21:22: read: connection reset by peer",
        "ssh: handshake failed: read tcp 10.77.0.1:5000->10.77.0.21:22: read: connection timed out",
        "failed to create session: EOF",
        f"EOF: {COMMAND}",
        f"wait: remote command exited with status 143 from signal TERM: {COMMAND}",
        f"Process exited with status 137 from signal KILL: {COMMAND}",
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
        "after 80 failed attempts: dial tcp 10.77.0.99:22: i/o timeout",
        "ssh: handshake failed: ssh: host key mismatch",
        "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey]",
    ],
)
def test_an_answer_of_the_script_or_a_refusal_is_not(error: str) -> None:
    assert not connection_was_cut(error)


@pytest.mark.parametrize(
    "error",
    [
        'Get "https://10.77.0.11:6443/api": dial tcp 10.77.0.11:6443: connect: connection refused',
        'Get "https://10.77.0.11:6443/api?timeout=32s": net/http: TLS handshake timeout',
        'Post "https://10.77.0.11:6443/api/v1/namespaces": read tcp: read: connection reset by peer',
        "etcdserver: leader changed",
        "the server is currently unable to handle the request",
    ],
)
def test_an_api_server_that_is_away_is_waited_for(error: str) -> None:
    assert api_was_away(error)


@pytest.mark.parametrize(
    "error",
    [
        'namespaces "kube-flannel" is forbidden: User "kubernetes-admin" cannot create resource',
        'DaemonSet.apps "kube-flannel-ds" is invalid: spec.selector: Invalid value',
        "Server-Side Apply field conflict detected",
        'configured Kubernetes cluster is unreachable: Get "https://10.77.0.11:6443/api": connection refused',
        "x509: certificate signed by unknown authority",
    ],
)
def test_an_answer_of_the_api_server_is_not_asked_for_again(error: str) -> None:
    assert not api_was_away(error)
