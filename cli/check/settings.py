"""The configuration that is checked: a bot's own, or what the options and the environment say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from ...messages.config import Config
from ...messages.config_file import PREFIX, load
from ...messages.errors import ConfigurationError, ValidationError
from ...venues import driver_of

_DEFAULT = "binance"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says; an option goes before the environment, and that before a file."""

    config: Path | None = None
    exchange: str | None = None
    testnet: bool = False
    rest_url: str | None = None
    stream_url: str | None = None
    market: str | None = None


def configured(options: Options, environ: Mapping[str, str]) -> Config:
    """The configuration.

    Raises:
        typer.BadParameter: Naming the option that is wrong.
        ConfigurationError: What is wrong with the file, or in the environment.
    """
    given = {
        "NAME": options.exchange,
        "MARKET": options.market,
        "TESTNET": "true" if options.testnet else None,
        "REST_URL": options.rest_url,
        "STREAM_URL": options.stream_url,
    }
    named = {PREFIX + name: value for name, value in given.items() if value is not None}
    if options.config is None:
        environ = {PREFIX + "NAME": _DEFAULT, **environ}
    try:
        config = load(options.config, {**environ, **named})
        _check_supported(config)
    except ConfigurationError as error:
        for fault in error.errors:
            _check_option(fault, options)
        raise
    return config


def _check_supported(config: Config) -> None:
    """Raise what a connector would at its start."""
    try:
        driver = driver_of(config.exchange)
    except ValidationError as error:
        raise ConfigurationError((error,)) from None
    driver.signer(config.exchange)


def _check_option(fault: ValidationError, options: Options) -> None:
    """Raise where it is an option's fault."""
    given = {
        "path": ("--config", options.config),
        "exchange.name": ("--exchange", options.exchange),
        "exchange.market": ("--market", options.market),
        "exchange.rest_url": ("--rest-url", options.rest_url),
        "exchange.stream_url": ("--stream-url", options.stream_url),
    }
    option, value = given.get(fault.field, ("", None))
    if value is not None:
        raise typer.BadParameter(f"'{fault.value}' {fault.reason}", param_hint=option)
