"""An interrupted benchmark takes its hosts away, however often it is interrupted."""

from __future__ import annotations

import os
import signal

import pytest

from bench.hosts import interrupted_once


def test_a_second_interrupt_does_not_cut_the_end_off() -> None:
    before, done = signal.getsignal(signal.SIGINT), []

    def block() -> None:
        with interrupted_once():
            try:
                os.kill(os.getpid(), signal.SIGINT)
                done.append("went on")
            finally:
                os.kill(os.getpid(), signal.SIGINT)
                done.append("cleaned up")

    with pytest.raises(KeyboardInterrupt):
        block()
    assert done == ["cleaned up"]
    assert signal.getsignal(signal.SIGINT) == before
