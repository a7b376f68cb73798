"""Which configuration is checked: options, environment, file; and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange_connector import cli
from exchange_connector.simulator import SimulatedExchange


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["--exchange", "kraken"], "--exchange"),
        (["--market", "futures"], "--market"),
        (["--market", "linear"], "--market"),
        (["--rest-url", "ftp://x"], "--rest-url"),
        (["--stream-url", "ws://x/path"], "--stream-url"),
        (["--config", "no-such-file.toml"], "--config"),
        (["--timeout", "0"], "--timeout"),
        (["--colour", "red"], "--colour"),
    ],
)
def test_wrong_options(
    arguments: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that names the option, and code 2."""
    assert cli.run(["check", *arguments]) == 2
    told = capsys.readouterr()
    assert option in told.err
    assert len(told.err.splitlines()) == 1
    assert told.out == ""


def test_a_bots_own_configuration(
    exchange: SimulatedExchange, check: Callable[..., Any], tmp_path: Path
) -> None:
    """Its URLs, its key and its limits are those that are checked; an option goes before them."""
    file = tmp_path / "connector.toml"
    file.write_text(
        f'[exchange]\nname = "binance"\nrest_url = "{exchange.rest_url}"\n'
        f'stream_url = "ws://127.0.0.1:1"\napi_key = "{exchange.api_key}"\n'
        f'api_secret = "{exchange.api_secret}"\n[rate_limit]\nmax_weight = 500\n'
    )
    told = check("--config", str(file), "--stream-url", exchange.stream_url)
    assert told.code == 0
    assert "this bot stops at 500" in told.figure("limits")
    assert told.verdict("key") == "ok"


def test_a_configuration_that_is_wrong(check: Callable[..., Any], tmp_path: Path) -> None:
    """All of it is told, and nothing else is checked."""
    file = tmp_path / "connector.toml"
    file.write_text('[exchange]\nname = "binance"\n[connection]\ntimeout = -1\n')
    told = check("--config", str(file))
    assert told.code == 1
    assert "connection.timeout: must be greater than 0" in told.figure("configuration")
    assert told.advice("configuration").startswith("Mend it")
    assert {told.verdict(each) for each in list(told.findings)[1:]} == {"skipped"}


def test_a_variable_that_is_wrong(
    check: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told by its name."""
    monkeypatch.setenv("EXCHANGE_CONNECTOR_API_KEY", "half-a-key")
    told = check()
    assert told.code == 1
    assert "exchange.api_secret: is missing" in told.figure("configuration")
    assert "half-a-key" not in told.text


def test_a_key_that_cannot_be_used(
    check: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a connector would say at its start."""
    monkeypatch.setenv("EXCHANGE_CONNECTOR_API_KEY", "key")
    monkeypatch.setenv("EXCHANGE_CONNECTOR_PRIVATE_KEY", "no PEM at all")
    told = check()
    assert "exchange.private_key: must be an RSA or Ed25519 key" in told.figure("configuration")


def test_half_a_pair_of_urls(
    exchange: SimulatedExchange, check: Callable[..., Any], closed_port: int
) -> None:
    """The two sides may be two exchanges."""
    told = check("--rest-url", exchange.rest_url, "--timeout", "1")
    assert told.verdict("configuration") == "warning"
    assert told.advice("configuration").startswith("Only rest_url is set")
