"""A known failure is found in what a step prints, and answered with its cause and its remedy."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pulumi
import pytest
import yaml

from components.retry import when_cut
from plan.failure import Failure
from plan.failures import FAILURES, explain

SAMPLES: dict[str, str] = yaml.safe_load((Path(__file__).parent / "failure_samples.yaml").read_text())
COMMAND = 'running "timeout -k 10 60 bash .casement/linux/step.sh x.sh 0 x-done":\n'


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.name)
def test_each_failure_is_known_by_its_own_words_and_by_no_other(failure: Failure) -> None:
    shown = [each.name for each in FAILURES if each.pattern.search(SAMPLES[failure.name])]
    assert shown == [failure.name]


def test_every_failure_says_why_and_what_to_try() -> None:
    assert set(SAMPLES) == {each.name for each in FAILURES}
    assert len(SAMPLES) == len(FAILURES)
    for each in FAILURES:
        for sentence in (each.cause, each.remedy):
            assert sentence
            assert not sentence.endswith("."), each.name


def test_what_was_run_says_nothing_about_what_went_wrong() -> None:
    command = 'running "echo no space left on device":\n'
    assert explain(f"Process exited with status 1: {command}something else") is None
    found = explain(f"Process exited with status 1: {COMMAND}tar: x: Cannot write: No space left on device")
    assert found is not None
    assert found.name == "disk-full"


def test_what_the_script_has_explained_is_not_explained_again() -> None:
    said = "Could not fetch x: curl: (6) Could not resolve host: x. Likely cause: no DNS. Next: set mirror."
    assert explain(f"Process exited with status 1: {COMMAND}{said}") is None


def failed(monkeypatch: pytest.MonkeyPatch, error: str) -> tuple[bool, list[str]]:
    """Return whether a step that failed with this error is run again, and what is said."""
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    monkeypatch.setattr(pulumi.log, "info", said.append)
    monkeypatch.setattr("components.retry._SECONDS_BETWEEN", 0)
    monkeypatch.setattr(pulumi.resource_hooks, "register_error_hook", lambda hook: None)
    when_cut.cache_clear()
    hooks = when_cut().on_error
    assert hooks is not None
    args = pulumi.ErrorHookArgs(urn="u", id="", name="win1-joined", type="t", failed_operation="create", errors=[error])
    answer: bool = asyncio.run(hooks[0].callback(args))  # type: ignore[arg-type]  # ours is a coroutine
    when_cut.cache_clear()
    return answer, said


def test_the_error_of_a_step_is_reported_with_cause_and_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    error = f"Process exited with status 1: {COMMAND}[kubelet-check] The kubelet is not healthy after 4m0s"
    again, said = failed(monkeypatch, error)
    assert not again
    assert said[0].startswith("win1-joined failed. Likely cause: kubelet does not come up")
    assert " Next: Linux: journalctl -u kubelet; Windows: kubelet.log" in said[0]


def test_an_unknown_error_is_left_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert failed(monkeypatch, f"Process exited with status 3: {COMMAND}something odd") == (False, [])


def test_a_cut_connection_is_tried_again_and_not_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    again, said = failed(monkeypatch, f"EOF: {COMMAND}")
    assert again
    assert "trying again" in said[0]
