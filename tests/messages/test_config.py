"""A configuration: what it must keep, and what it never shows."""

from __future__ import annotations

import copy
import math
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.config import (
    EXCHANGES,
    CircuitBreakerConfig,
    ClockSyncConfig,
    Config,
    ConnectionConfig,
    ExchangeConfig,
    RateLimitConfig,
    RecorderConfig,
    RecoveryConfig,
    SupervisionConfig,
)
from exchange_connector.messages.errors import ConfigurationError

KEY, SECRET, PEM = "KEY-4711", "SECRET-4712", "PEM-4713"
PROXY = "http://USER-4714:PASSWORD-4715@proxy.example:3128"
SECRETS = (KEY, SECRET, PEM, "USER-4714", "PASSWORD-4715")
BASE = Config(ExchangeConfig("binance"))


def faults(config: Config) -> list[str]:
    """The paths of everything that is wrong."""
    try:
        config.validate()
    except ConfigurationError as error:
        return [fault.field for fault in error.errors]
    return []


def changed(table: str, **fields: Any) -> Config:
    """A good configuration with some fields of one table changed."""
    part = msgspec.structs.replace(getattr(BASE, table), **fields)
    return msgspec.structs.replace(BASE, **{table: part})


def keyed(**fields: Any) -> Config:
    """One with a key, and these fields of the exchange."""
    return changed("exchange", **{"api_key": KEY, "api_secret": SECRET, **fields})


def test_the_defaults_are_good() -> None:
    """Only the exchange must be named."""
    for name in EXCHANGES:
        assert faults(Config(ExchangeConfig(name))) == []
    assert BASE.rate_limit == RateLimitConfig(True, 6000, 0.0)
    assert BASE.circuit_breaker == CircuitBreakerConfig(True, 5, 3, 30.0)
    assert BASE.clock_sync == ClockSyncConfig(True, 0.5, 300.0)
    assert BASE.connection == ConnectionConfig(10.0, 20.0, 1.0, 60.0, 30.0, 16, "")
    assert BASE.supervision == SupervisionConfig(5, 60.0)
    assert BASE.recovery == RecoveryConfig(True, 600, 10_000, 10.0)
    assert BASE.recorder == RecorderConfig(False, 30.0, 16 << 20, "", 20)


@pytest.mark.parametrize(
    "config",
    [
        keyed(),
        keyed(api_secret="", private_key=PEM),
        changed("exchange", testnet=True, rest_url="https://a.example:8443", stream_url="ws://b"),
        keyed(rest_url="http://127.0.0.1:9080", stream_url="ws://127.3.2.1:9080"),
        keyed(rest_url="http://localhost:9080", ws_api_url="ws://[::1]:9080"),
        changed("connection", timeout=5, proxy=PROXY),
        changed("connection", proxy="http://proxy:3128/", reconnect_delay=60.0),
        changed("rate_limit", request_delay=0, max_weight=1),
        changed("supervision", max_restarts=0),
        changed("recovery", enabled=False, max_weight=1, max_trades=1, timeout=1),
        changed("recorder", enabled=True, folder="recordings"),
    ],
    ids=repr,
)
def test_good_ones_pass(config: Config) -> None:
    """An `int` is as good as a `float`."""
    assert faults(config) == []


WRONG_TYPES: dict[type, list[Any]] = {
    str: [1, None, b"x", True, ["x"]],
    bool: [1, 0, "true", None, 1.0],
    int: [1.0, "1", True, None, math.nan],
    float: ["1", True, None, b"1", [1.0], 1j],
}
FIELDS = [
    (table.name, field.name, field.type)
    for table in msgspec.structs.fields(Config)
    if table.type is not str
    for field in msgspec.structs.fields(table.type)
]


@pytest.mark.parametrize(("table", "name", "kind"), FIELDS, ids=lambda value: str(value))
def test_every_field_has_its_type(table: str, name: str, kind: type) -> None:
    """Also where the configuration was built by hand; a `bool` is no number."""
    for value in WRONG_TYPES[kind]:
        config = changed(table, **{name: value})
        assert f"{table}.{name}" in faults(config), value


@pytest.mark.parametrize(
    ("table", "name"), [(table, name) for table, name, kind in FIELDS if kind is float]
)
def test_durations_are_positive_and_finite(table: str, name: str) -> None:
    """And no longer than a socket or a lock can wait."""
    for value in (-1.0, -0.001, math.nan, math.inf, -math.inf, 1e300, 10**400, -(10**400), 1e7):
        assert f"{table}.{name}" in faults(changed(table, **{name: value})), value
    zero = faults(changed(table, **{name: 0.0}))
    assert (f"{table}.{name}" in zero) is (name != "request_delay")


@pytest.mark.parametrize(
    ("table", "name"),
    [(table, name) for table, name, kind in FIELDS if kind is int and name != "quiet_hour"],
)
def test_counts_are_positive(table: str, name: str) -> None:
    """Only restarts may be none at all."""
    for value in (-1, -(10**5000), 10**5000):
        assert f"{table}.{name}" in faults(changed(table, **{name: value}))
    zero = faults(changed(table, **{name: 0}))
    assert (f"{table}.{name}" in zero) is (name != "max_restarts")


def test_an_hour_of_the_day() -> None:
    """Or none."""
    for value in (-2, 24, -(10**5000), 10**5000):
        assert "rollover.quiet_hour" in faults(changed("rollover", quiet_hour=value))
    for value in (-1, 0, 23):
        assert faults(changed("rollover", quiet_hour=value)) == []


def test_stale_is_no_earlier_than_suspect() -> None:
    """One comes after the other."""
    assert faults(changed("health", suspect_after=31.0)) == ["health.suspect_after"]


@pytest.mark.parametrize(
    ("config", "paths"),
    [
        (changed("exchange", name=""), ["exchange.name"]),
        (changed("exchange", name="Binance"), ["exchange.name"]),
        (changed("exchange", market="option"), ["exchange.market"]),
        (changed("exchange", api_key=KEY), ["exchange.api_secret"]),
        (changed("exchange", api_secret=SECRET), ["exchange.api_key"]),
        (changed("exchange", private_key=PEM), ["exchange.api_key"]),
        (keyed(private_key=PEM), ["exchange.private_key"]),
        (keyed(api_key=KEY + "\n"), ["exchange.api_key"]),
        (keyed(api_key="k\r\nHost: x"), ["exchange.api_key"]),
        (keyed(api_key="schlüssel"), ["exchange.api_key"]),
        (keyed(api_secret=SECRET + " "), ["exchange.api_secret"]),
        (changed("connection", reconnect_delay=61.0), ["connection.reconnect_delay"]),
    ],
    ids=lambda value: "" if isinstance(value, Config) else str(value),
)
def test_what_belongs_together(config: Config, paths: list[str]) -> None:
    """A name, a market, a key with its secret, waits that grow."""
    assert faults(config) == paths


def test_everything_wrong_is_told_at_once() -> None:
    """Each fault with the path of its field, the value and a reason."""
    config = Config(
        ExchangeConfig("kraken", rest_url="ftp://x", testnet="yes"),  # type: ignore[arg-type]
        rate_limit=RateLimitConfig(max_weight=0),
        clock_sync=None,  # type: ignore[arg-type]
        connection=ConnectionConfig(timeout=-1.0),
    )
    with pytest.raises(ConfigurationError) as raised:
        config.validate()
    told = {fault.field: (fault.value, fault.reason) for fault in raised.value.errors}
    assert told.keys() == {
        *("exchange.name", "exchange.testnet", "exchange.rest_url", "rate_limit.max_weight"),
        *("clock_sync", "connection.timeout"),
    }
    assert told["rate_limit.max_weight"] == (0, "must be 1 or more")
    assert told["connection.timeout"] == (-1.0, "must be greater than 0")
    assert "binance, bybit" in told["exchange.name"][1]


def everything_secret(proxy: str = PROXY) -> Config:
    """A configuration that holds every kind of secret."""
    exchange = ExchangeConfig("binance", KEY, SECRET, PEM)
    return Config(exchange, connection=ConnectionConfig(proxy=proxy))


@pytest.mark.parametrize("show", [repr, str, "{}".format, ascii, "%s".__mod__])
def test_secrets_do_not_show(show: Callable[[object], str]) -> None:
    """In any form of text, of the whole or of its tables."""
    config = everything_secret()
    for each in (config, config.exchange, config.connection, [config], {"config": config}):
        shown = show(each)
        assert not any(secret in shown for secret in SECRETS)
        assert "***" in shown
    assert "proxy.example:3128" in repr(config)


def test_secrets_do_not_show_in_rich() -> None:
    """Neither in its printed form nor in a traceback with locals."""
    rich = pytest.importorskip("rich.pretty")
    shown = rich.pretty_repr(everything_secret(), expand_all=True)
    assert not any(secret in shown for secret in SECRETS)
    assert "api_secret='***'" in shown


def test_what_is_not_set_shows_as_such() -> None:
    """So that one sees whether there is a key."""
    assert "api_key=''" in repr(BASE)
    assert "proxy=''" in repr(BASE)


@pytest.mark.parametrize(
    "config",
    [
        everything_secret(),
        everything_secret("ftp://USER-4714:PASSWORD-4715@x"),
        everything_secret("USER-4714:PASSWORD-4715@x"),
        everything_secret("USER-4714:PASS//WORD@x"),
        changed("exchange", rest_url="https://USER-4714:PASSWORD-4715@x"),
        changed("exchange", rest_url=b"https://USER-4714:PASSWORD-4715@x"),
        keyed(api_key=(KEY, SECRET)),
        keyed(api_key=f"{KEY}\n", api_secret=f"{SECRET}\n"),
        changed("exchange", private_key=[PEM]),
        changed("connection", timeout={"secret": SECRET}),
        msgspec.structs.replace(BASE, exchange={"api_secret": SECRET}),
    ],
    ids=str,
)
def test_secrets_do_not_show_in_errors(config: Config) -> None:
    """Whatever is wrong with them, or in whichever field they were put."""
    with pytest.raises(ConfigurationError) as raised:
        config.validate()
    error = raised.value
    shown = [repr(error), str(error), "".join(traceback.format_exception(error))]
    shown.append(repr(pickle.dumps(error)))
    assert not any(secret in text for secret in SECRETS for text in shown)
    assert error.__context__ is None


def test_it_is_a_value() -> None:
    """Equal to its copies, hashable, and unchangeable."""
    config = everything_secret()
    assert pickle.loads(pickle.dumps(config)) == config == copy.deepcopy(config)
    assert hash(config) == hash(copy.copy(config))
    with pytest.raises(AttributeError):
        config.exchange.api_key = ""  # type: ignore[misc]


@given(st.data())
def test_any_value_is_accepted_or_told(data: st.DataObject) -> None:
    """Never another error, and what is accepted has the right type."""
    table, name, kind = data.draw(st.sampled_from(FIELDS))
    odd = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    value = data.draw(odd)
    if not faults(changed(table, **{name: value})):
        assert isinstance(value, (int, float) if kind is float else kind)
        assert kind is bool or not isinstance(value, bool)
