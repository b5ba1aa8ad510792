"""The only reader of Pulumi's configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pulumi
from pulumi.runtime import config as pulumi_config

from config.parse import Configuration, parse
from config.problems import ConfigurationError, Problem

PROJECT_FOLDER = Path(__file__).resolve().parent.parent


class StackConfigurationError(ConfigurationError, pulumi.RunError):
    """The same error as one that Pulumi prints as text, without a traceback."""


Check = Callable[[Configuration], Iterable[Problem]]
"""A rule of the whole configuration, for what only others know of it."""


def load(folder: Path = PROJECT_FOLDER, checks: Iterable[Check] = ()) -> Configuration:
    """Return the configuration of the stack that is running, if it also passes these checks.

    Every key of the project is looked at, so that a misspelt one is told; relative file names are taken from
    ``folder``. Raises StackConfigurationError with every problem, before any resource is registered.
    """
    prefix = f"{pulumi.get_project()}:"
    names = [name for name in pulumi_config.CONFIG.get() if name.startswith(prefix)]
    values = {name.removeprefix(prefix): pulumi_config.get_config(name) for name in names}
    secrets = frozenset(name.removeprefix(prefix) for name in names if pulumi_config.is_config_secret(name))
    return checked(values, folder, secrets, checks)


def checked(
    values: Mapping[str, object], folder: Path, secret_keys: frozenset[str], checks: Iterable[Check]
) -> Configuration:
    """Return the configuration that the project's keys describe, as ``config.parse.parse`` does.

    Raises StackConfigurationError with every problem, those that the checks find included.
    """
    try:
        configuration = parse(values, folder, secret_keys)
    except ConfigurationError as error:
        raise StackConfigurationError(error.problems) from None
    problems = [problem for check in checks for problem in check(configuration)]
    if problems:
        raise StackConfigurationError(problems)
    return configuration
