"""A configuration from a file, from the environment, and step by step."""

from __future__ import annotations

import pickle
import traceback
from pathlib import Path
from typing import Any

import msgspec
import pytest

from exchange_connector.messages.config import (
    Config,
    ConnectionConfig,
    ExchangeConfig,
    RecorderConfig,
    RecoveryConfig,
)
from exchange_connector.messages.errors import ConfigurationError

SECRET = "SECRET-4712"
WHOLE = """
[exchange]
name = "binance"
api_key = "file-key"
api_secret = "file-secret"
testnet = true
market = "linear"
rest_url = "https://rest.example"
stream_url = "wss://stream.example"
ws_api_url = "wss://api.example"

[rate_limit]
enabled = false
max_weight = 100
request_delay = 0.25

[circuit_breaker]
enabled = false
max_failures = 7
success_threshold = 2
open_timeout = 15

[clock_sync]
enabled = false
max_offset = 0.1
sync_interval = 60

[connection]
timeout = 5
ping_interval = 15.0
reconnect_delay = 0.5
max_reconnect_wait = 30.0
stop_timeout = 10.0
max_concurrent_requests = 4
proxy = "http://proxy:3128"

[supervision]
max_restarts = 3
period = 30.0

[health]
suspect_after = 5.0
stale_after = 12.0
pong_timeout = 4.0

[rollover]
enabled = false
after = 40_000.0
quiet_hour = 4

[recovery]
enabled = false
max_weight = 300
max_trades = 500
timeout = 2.5

[recorder]
enabled = true
seconds = 10
max_bytes = 1048576
folder = "recordings"
max_files = 5
"""


def load(tmp_path: Path, text: str | bytes, environ: dict[str, str] | None = None) -> Config:
    """The configuration in a file with this text."""
    path = tmp_path / "connector.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Config.load(path, environ or {})


def faults(tmp_path: Path, text: str | bytes, environ: dict[str, str] | None = None) -> list[str]:
    """The paths of everything that is wrong with it; and nothing secret shows."""
    with pytest.raises(ConfigurationError) as raised:
        load(tmp_path, text, environ)
    error = raised.value
    shown = [repr(error), str(error), "".join(traceback.format_exception(error))]
    shown.append(repr(pickle.dumps(error)))
    assert not any(SECRET in each for each in shown)
    assert error.__context__ is None
    return [fault.field for fault in error.errors]


def test_a_file_may_set_every_field(tmp_path: Path) -> None:
    """And none keeps its default here."""
    config, plain = load(tmp_path, WHOLE), Config(ExchangeConfig("bybit"))
    for table in msgspec.structs.fields(Config)[:-1]:  # without the journal
        for field in msgspec.structs.fields(table.type):
            # of keys there is one kind; `ca_file` has tests of its own
            if field.name not in ("private_key", "ca_file"):
                value = getattr(getattr(config, table.name), field.name)
                assert value != getattr(getattr(plain, table.name), field.name), field.name


def test_a_file_may_set_next_to_nothing(tmp_path: Path) -> None:
    """What it does not name keeps its default."""
    assert load(tmp_path, '[exchange]\nname = "binance"') == Config(ExchangeConfig("binance"))


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    """Every field has its variable, whose text is converted to the field's type."""
    environ = {
        "EXCHANGE_CONNECTOR_API_KEY": "its-key",
        "EXCHANGE_CONNECTOR_API_SECRET": "its-secret",
        "EXCHANGE_CONNECTOR_TESTNET": "False",
        "EXCHANGE_CONNECTOR_MARKET": "spot",
        "EXCHANGE_CONNECTOR_RATE_LIMIT_ENABLED": "1",
        "EXCHANGE_CONNECTOR_RATE_LIMIT_MAX_WEIGHT": "250",
        "EXCHANGE_CONNECTOR_CONNECTION_TIMEOUT": "7.5",
        "EXCHANGE_CONNECTOR_CONNECTION_PROXY": "",
        "PATH": "/bin",
    }
    config = load(tmp_path, WHOLE, environ)
    assert (config.exchange.api_key, config.exchange.api_secret) == ("its-key", "its-secret")
    assert (config.exchange.testnet, config.exchange.market) == (False, "spot")
    assert (config.rate_limit.enabled, config.rate_limit.max_weight) == (True, 250)
    assert (config.connection.timeout, config.connection.proxy) == (7.5, "")
    assert config.exchange.rest_url == "https://rest.example"


def test_the_environment_of_the_process_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no other one is given."""
    monkeypatch.setenv("EXCHANGE_CONNECTOR_NAME", "bybit")
    (tmp_path / "empty.toml").touch()
    assert Config.load(str(tmp_path / "empty.toml")).exchange.name == "bybit"


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("[exchange", ["path", "exchange.name"]),
        (b"\xff\xfe", ["path", "exchange.name"]),
        ("x = " + "[" * 100_000, ["path", "exchange.name"]),
        (f'api_secret = "{SECRET}', ["path", "exchange.name"]),
        ("", ["exchange.name"]),
        (f'[exchange]\nname = "binance"\napi_secrett = "{SECRET}"', ["exchange.api_secrett"]),
        (f'[exchange]\nname = "binance"\nkeys.api_secret = "{SECRET}"', ["exchange.keys"]),
        (f'[exchange]\nname = "binance"\n[secrets]\na = "{SECRET}"', ["secrets"]),
        (f'exchange = "{SECRET}"', ["exchange", "exchange.name"]),
        (f'[exchange]\nname = "binance"\napi_key = ["{SECRET}"]', ["exchange.api_key"]),
        (
            f'[exchange]\nname = "binance"\n[connection]\nproxy = {{a = "{SECRET}"}}',
            ["connection.proxy"],
        ),
        ('[exchange]\nname = "binance"\n[connection]\ntimeout = "5"', ["connection.timeout"]),
        ('[exchange]\nname = "binance"\n[connection]\ntimeout = nan', ["connection.timeout"]),
        ('[exchange]\nname = "binance"\ntestnet = 1', ["exchange.testnet"]),
        ('[exchange]\nname = "binance"\ntestnet = 2020-01-01', ["exchange.testnet"]),
        (
            '[exchange]\nname = "x"\n[rate_limit]\nmax_weight = 1.5\nx = 1',
            ["rate_limit.x", "exchange.name", "rate_limit.max_weight"],
        ),
    ],
    ids=lambda value: "" if isinstance(value, str | bytes) else str(value),
)
def test_everything_wrong_with_a_file_is_told_at_once(
    tmp_path: Path, text: str | bytes, paths: list[str]
) -> None:
    """With its path, and never with a value that may be a misplaced secret."""
    assert faults(tmp_path, text) == paths


@pytest.mark.parametrize(
    ("variable", "value", "path"),
    [
        ("EXCHANGE_CONNECTOR_API_SECRETT", SECRET, "EXCHANGE_CONNECTOR_API_SECRETT"),
        ("EXCHANGE_CONNECTOR_EXCHANGE_NAME", "x", "EXCHANGE_CONNECTOR_EXCHANGE_NAME"),
        ("EXCHANGE_CONNECTOR_", SECRET, "EXCHANGE_CONNECTOR_"),
        ("EXCHANGE_CONNECTOR_TESTNET", "maybe", "exchange.testnet"),
        ("EXCHANGE_CONNECTOR_RATE_LIMIT_MAX_WEIGHT", "1.5", "rate_limit.max_weight"),
        ("EXCHANGE_CONNECTOR_RATE_LIMIT_MAX_WEIGHT", "1_0", "rate_limit.max_weight"),
        ("EXCHANGE_CONNECTOR_RATE_LIMIT_MAX_WEIGHT", "9" * 5000, "rate_limit.max_weight"),
        ("EXCHANGE_CONNECTOR_CONNECTION_TIMEOUT", "soon", "connection.timeout"),
        ("EXCHANGE_CONNECTOR_CONNECTION_TIMEOUT", "nan", "connection.timeout"),
        ("EXCHANGE_CONNECTOR_API_KEY", f"{SECRET}\n", "exchange.api_key"),
    ],
    ids=ascii,
)
def test_what_is_wrong_with_a_variable_is_told(
    tmp_path: Path, variable: str, value: str, path: str
) -> None:
    """An unknown one by its name, another by its field."""
    assert faults(tmp_path, WHOLE, {variable: value}) == [path]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """As is one that is a folder."""
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(ConfigurationError) as raised:
            Config.load(path, {"EXCHANGE_CONNECTOR_NAME": "binance"})
        (fault,) = raised.value.errors
        assert (fault.field, fault.value) == ("path", str(path))


def test_the_builder_chains(tmp_path: Path) -> None:
    """As the documentation shows it, with the order of arguments given there."""
    config = (
        Config.builder()
        .exchange("binance", "key", "secret", testnet=True)
        .rate_limit(1200, 0.1)
        .circuit_breaker(4, 15.0)
        .clock_sync(0.25, 120.0)
        .timeout(5.0)
        .supervision(2, 10.0)
        .recovery(enabled=False, max_weight=200, max_trades=50, timeout=1.5)
        .recorder(enabled=True, folder="here")
        .build()
    )
    assert config.exchange == ExchangeConfig("binance", "key", "secret", testnet=True)
    assert (config.rate_limit.max_weight, config.rate_limit.request_delay) == (1200, 0.1)
    breaker = config.circuit_breaker
    assert (breaker.max_failures, breaker.open_timeout, breaker.success_threshold) == (4, 15.0, 3)
    assert (config.clock_sync.max_offset, config.clock_sync.sync_interval) == (0.25, 120.0)
    assert config.connection == ConnectionConfig(timeout=5.0)
    assert (config.supervision.max_restarts, config.supervision.period) == (2, 10.0)
    assert config.recovery == RecoveryConfig(False, 200, 50, 1.5)
    assert config.recorder == RecorderConfig(enabled=True, folder="here")


def test_a_setter_leaves_what_it_does_not_name() -> None:
    """At its default, or at what an earlier call has set."""
    config = (
        Config.builder()
        .exchange("bybit", "key", "secret", rest_url="https://a")
        .exchange("binance", testnet=True)
        .circuit_breaker(success_threshold=9)
        .circuit_breaker(enabled=False)
        .circuit_breaker(2)
        .rate_limit(enabled=False)
        .clock_sync(enabled=False)
        .connection(timeout=1.0, proxy="http://p:1")
        .timeout(2.0)
        .connection(ping_interval=3.0)
        .build()
    )
    assert config.exchange == ExchangeConfig(
        "binance", "key", "secret", testnet=True, rest_url="https://a"
    )
    breaker = config.circuit_breaker
    assert (breaker.enabled, breaker.max_failures, breaker.success_threshold) == (False, 2, 9)
    assert breaker.open_timeout == 30.0
    assert (config.rate_limit.enabled, config.rate_limit.max_weight) == (False, 6000)
    assert (config.connection.timeout, config.connection.ping_interval) == (2.0, 3.0)
    assert config.connection.proxy == "http://p:1"


def test_the_builder_checks_the_whole() -> None:
    """All faults at once, when it is built."""
    wrong: Any = None
    builder = Config.builder().exchange("x", wrong).rate_limit(0).timeout(-1.0)
    with pytest.raises(ConfigurationError) as raised:
        builder.build()
    assert [fault.field for fault in raised.value.errors] == [
        *("exchange.name", "exchange.api_key", "rate_limit.max_weight", "connection.timeout")
    ]
    with pytest.raises(ConfigurationError, match=r"exchange\.name"):
        Config.builder().build()
