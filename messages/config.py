"""The configuration: frozen tables of plain values, the same in code, in TOML and in the builder.

No secret shows in a `repr`, in Rich's output or in an error: `***` stands in its place.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from .config_secrets import HIDDEN, without_credentials

if TYPE_CHECKING:
    from .config_builder import ConfigBuilder

EXCHANGES = ("binance", "bybit")
"""The exchanges that a configuration may name."""
MARKETS = ("spot", "linear")
"""The markets that a configuration may name; an exchange may lack one."""


class Table(msgspec.Struct, frozen=True):
    """What every table of the configuration has: a `repr` that tells no secret."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [(name, _shown(name, getattr(self, name))) for name in self.__struct_fields__]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({fields})"


class ExchangeConfig(Table, frozen=True):
    """Which exchange, where it is, and the key to an account there.

    Attributes:
        name: One of `EXCHANGES`.
        api_key: "" for public data only.
        api_secret: The secret of an HMAC key.
        private_key: Instead of a secret: an RSA or Ed25519 key (Bybit: RSA), PKCS#8 in PEM.
        testnet: Whether to use the exchange's test network.
        market: One of `MARKETS`: `linear` are contracts in stable coins (Bybit).
        rest_url: Base URL without a path; "" is the exchange's own, as for the other two.
        stream_url: Of the websocket streams of market data.
        ws_api_url: Of the websocket that carries the account's events: Binance's websocket API, or
            Bybit's private one, which is at `stream_url` otherwise.
    """

    name: str
    api_key: str = ""
    api_secret: str = ""
    private_key: str = ""
    testnet: bool = False
    market: str = "spot"
    rest_url: str = ""
    stream_url: str = ""
    ws_api_url: str = ""


class RateLimitConfig(Table, frozen=True):
    """How much may be sent.

    Attributes:
        enabled: Whether requests wait for room; a refusal by the exchange is heeded either way.
        max_weight: The most request weight a minute; the exchange's own limits hold besides, that
            of a shorter period, too, where it has one.
        request_delay: Least time between two departures, in seconds.
    """

    enabled: bool = True
    max_weight: int = 6000
    request_delay: float = 0.0


class CircuitBreakerConfig(Table, frozen=True):
    """When to stop asking an exchange that fails.

    Attributes:
        enabled: Whether there is a circuit breaker.
        max_failures: Failures in a row that open it.
        success_threshold: Successes in a row that close it again.
        open_timeout: Seconds until it lets a request try.
    """

    enabled: bool = True
    max_failures: int = 5
    success_threshold: int = 3
    open_timeout: float = 30.0


class ClockSyncConfig(Table, frozen=True):
    """How the exchange's time is kept.

    Attributes:
        enabled: Whether it is measured; otherwise the local clock counts as right.
        max_offset: Seconds; an offset beyond is told, an uncertainty beyond stops signing.
        sync_interval: Seconds between two measurements.
    """

    enabled: bool = True
    max_offset: float = 0.5
    sync_interval: float = 300.0


class ConnectionConfig(Table, frozen=True):
    """How to connect; all times in seconds.

    Attributes:
        timeout: For a request, from asking to answer.
        ping_interval: Between signs of life on a websocket.
        reconnect_delay: The least wait before a websocket is dialled again.
        max_reconnect_wait: The longest such wait.
        stop_timeout: Within which everything has stopped.
        max_concurrent_requests: Requests under way at once.
        proxy: An HTTP proxy's URL for everything; "" is none.
        ca_file: Authorities to trust instead of the usual ones, a PEM file; "" is the usual ones.
    """

    timeout: float = 10.0
    ping_interval: float = 20.0
    reconnect_delay: float = 1.0
    max_reconnect_wait: float = 60.0
    stop_timeout: float = 30.0
    max_concurrent_requests: int = 16
    proxy: str = ""
    ca_file: str = ""


class HealthConfig(Table, frozen=True):
    """When silence is suspicious; all in seconds.

    Attributes:
        suspect_after: Without data of a stream that is expected to tick. Then the exchange is asked
            whether anything was missed; a stream that is often silent for longer gets longer.
        stale_after: Without data, where the exchange cannot be asked: the stream is taken for
            stale.
        pong_timeout: From a ping to its answer on a websocket; no longer than `ping_interval`.
    """

    suspect_after: float = 15.0
    stale_after: float = 30.0
    pong_timeout: float = 10.0


class RolloverConfig(Table, frozen=True):
    """When a websocket session is replaced by a new one, before the exchange ends it.

    Attributes:
        enabled: Whether this is done by time; if the exchange announces an end, it is in any case.
        after: Seconds; of several sessions each takes up to 5 % less, so that they take turns.
        quiet_hour: 0 to 23, an hour of the day in UTC at which it is done rather; -1 is any.
    """

    enabled: bool = True
    after: float = 82_800.0
    quiet_hour: int = -1


class SupervisionConfig(Table, frozen=True):
    """How often a part that dies is started again.

    Attributes:
        max_restarts: Of each part, within `period`.
        period: Seconds.
    """

    max_restarts: int = 5
    period: float = 60.0


class RecoveryConfig(Table, frozen=True):
    """How trades and candles that were missed are fetched afterwards.

    Attributes:
        enabled: Whether they are; otherwise a `StreamGap` is all that is told of them.
        max_weight: The most request weight a minute that is spent on it.
        max_trades: So many trades, or candles, of one interruption at most.
        timeout: Seconds that live events of the stream wait for it at most.
    """

    enabled: bool = True
    max_weight: int = 600
    max_trades: int = 10_000
    timeout: float = 10.0


class RecorderConfig(Table, frozen=True):
    """The flight recorder: the newest frames, decisions and changes of state.

    Attributes:
        enabled: Whether it records; at the highest rates that costs 4 to 7 % of the processor.
        seconds: How far back it goes at most.
        max_bytes: How much memory it takes, about; a busy market fills it sooner.
        folder: Where a file is written when a stream has a gap, the circuit breaker opens, or a
            part is lost; "" is nowhere: only on request.
        max_files: How many of these are kept there for an exchange; the oldest are removed.
    """

    enabled: bool = False
    seconds: float = 30.0
    max_bytes: int = 16 << 20
    folder: str = ""
    max_files: int = 20


class Config(Table, frozen=True):
    """Everything that a connector needs to know before it starts.

    Attributes:
        journal: A file in which orders are written down before they leave, so that what a lost
            process has left open is found out by the next; "" keeps them in memory.
    """

    exchange: ExchangeConfig
    rate_limit: RateLimitConfig = RateLimitConfig()
    circuit_breaker: CircuitBreakerConfig = CircuitBreakerConfig()
    clock_sync: ClockSyncConfig = ClockSyncConfig()
    connection: ConnectionConfig = ConnectionConfig()
    supervision: SupervisionConfig = SupervisionConfig()
    health: HealthConfig = HealthConfig()
    rollover: RolloverConfig = RolloverConfig()
    recovery: RecoveryConfig = RecoveryConfig()
    recorder: RecorderConfig = RecorderConfig()
    journal: str = ""

    def validate(self) -> None:
        """Raise a `ConfigurationError` with everything that is wrong, if anything is."""
        from .config_checks import check

        check(self)

    @staticmethod
    def builder() -> ConfigBuilder:
        """A `ConfigBuilder` with nothing set."""
        from .config_builder import ConfigBuilder

        return ConfigBuilder()

    @staticmethod
    def load(path: str | os.PathLike[str], environ: Mapping[str, str] | None = None) -> Config:
        """The configuration in a TOML file with these tables, overridden by the environment.

        `EXCHANGE_CONNECTOR_API_KEY` is the field `api_key` of the table `exchange`,
        `EXCHANGE_CONNECTOR_CONNECTION_TIMEOUT` the field `timeout` of the table `connection`, and
        so on for every field.

        Args:
            path: The file.
            environ: Read instead of `os.environ`.

        Raises:
            ConfigurationError: Everything that is wrong with the file and the variables.
        """
        from .config_file import load

        return load(Path(path), os.environ if environ is None else environ)


def _shown(name: str, value: object) -> object:
    """A field's value as it may be shown."""
    if name in ("api_key", "api_secret", "private_key"):
        return HIDDEN if value else ""
    if isinstance(value, str):
        return without_credentials(value)
    return value
