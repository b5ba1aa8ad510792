"""The only reader of Pulumi's configuration."""

from __future__ import annotations

from pathlib import Path

import pulumi
from pulumi.runtime import config as pulumi_config

from config.parse import Configuration, parse
from config.problems import ConfigurationError

PROJECT_FOLDER = Path(__file__).resolve().parent.parent


class StackConfigurationError(ConfigurationError, pulumi.RunError):
    """The same error as one that Pulumi prints as text, without a traceback."""


def load(folder: Path = PROJECT_FOLDER) -> Configuration:
    """Return the configuration of the stack that is running.

    Every key of the project is looked at, so that a misspelt one is told; relative file names are taken from
    ``folder``. Raises StackConfigurationError with every problem, before any resource is registered.
    """
    prefix = f"{pulumi.get_project()}:"
    names = [name for name in pulumi_config.CONFIG.get() if name.startswith(prefix)]
    values = {name.removeprefix(prefix): pulumi_config.get_config(name) for name in names}
    secrets = frozenset(name.removeprefix(prefix) for name in names if pulumi_config.is_config_secret(name))
    try:
        return parse(values, folder, secrets)
    except ConfigurationError as error:
        raise StackConfigurationError(error.problems) from None
