"""A configuration, built step by step."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType

from .config import (
    CircuitBreakerConfig,
    ClockSyncConfig,
    Config,
    ConnectionConfig,
    ExchangeConfig,
    HealthConfig,
    RateLimitConfig,
    RecorderConfig,
    RecoveryConfig,
    RolloverConfig,
    SupervisionConfig,
)

Text = str | UnsetType
Count = int | UnsetType
Seconds = float | UnsetType
Switch = bool | UnsetType


JOURNAL = "journal"
"""The one field of a `Config` that is no table."""


class ConfigBuilder:
    """Chains setters; each leaves what it does not name as it is, `build()` checks the whole.

    >>> Config.builder().exchange("binance").timeout(5.0).build().connection.timeout
    5.0
    """

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, Any]] = {}

    def exchange(
        self,
        name: str,
        api_key: Text = UNSET,
        api_secret: Text = UNSET,
        *,
        private_key: Text = UNSET,
        testnet: Switch = UNSET,
        market: Text = UNSET,
        rest_url: Text = UNSET,
        stream_url: Text = UNSET,
        ws_api_url: Text = UNSET,
    ) -> ConfigBuilder:
        """The exchange and the account there; the arguments are `ExchangeConfig`'s."""
        return self._set(
            "exchange",
            name=name,
            api_key=api_key,
            api_secret=api_secret,
            private_key=private_key,
            testnet=testnet,
            market=market,
            rest_url=rest_url,
            stream_url=stream_url,
            ws_api_url=ws_api_url,
        )

    def rate_limit(
        self, max_weight: Count = UNSET, request_delay: Seconds = UNSET, *, enabled: Switch = UNSET
    ) -> ConfigBuilder:
        """How much may be sent; the arguments are `RateLimitConfig`'s."""
        return self._set(
            "rate_limit", enabled=enabled, max_weight=max_weight, request_delay=request_delay
        )

    def circuit_breaker(
        self,
        max_failures: Count = UNSET,
        open_timeout: Seconds = UNSET,
        success_threshold: Count = UNSET,
        *,
        enabled: Switch = UNSET,
    ) -> ConfigBuilder:
        """When to stop asking; the arguments are `CircuitBreakerConfig`'s."""
        return self._set(
            "circuit_breaker",
            enabled=enabled,
            max_failures=max_failures,
            success_threshold=success_threshold,
            open_timeout=open_timeout,
        )

    def clock_sync(
        self,
        max_offset: Seconds = UNSET,
        sync_interval: Seconds = UNSET,
        *,
        enabled: Switch = UNSET,
    ) -> ConfigBuilder:
        """How the exchange's time is kept; the arguments are `ClockSyncConfig`'s."""
        return self._set(
            "clock_sync", enabled=enabled, max_offset=max_offset, sync_interval=sync_interval
        )

    def timeout(self, seconds: float) -> ConfigBuilder:
        """How long a request may take, from asking to answer."""
        return self.connection(timeout=seconds)

    def connection(
        self,
        *,
        timeout: Seconds = UNSET,
        ping_interval: Seconds = UNSET,
        reconnect_delay: Seconds = UNSET,
        max_reconnect_wait: Seconds = UNSET,
        stop_timeout: Seconds = UNSET,
        max_concurrent_requests: Count = UNSET,
        proxy: Text = UNSET,
        ca_file: Text = UNSET,
    ) -> ConfigBuilder:
        """How to connect; the arguments are `ConnectionConfig`'s."""
        return self._set(
            "connection",
            timeout=timeout,
            ping_interval=ping_interval,
            reconnect_delay=reconnect_delay,
            max_reconnect_wait=max_reconnect_wait,
            stop_timeout=stop_timeout,
            max_concurrent_requests=max_concurrent_requests,
            proxy=proxy,
            ca_file=ca_file,
        )

    def supervision(self, max_restarts: Count = UNSET, period: Seconds = UNSET) -> ConfigBuilder:
        """How often a part is started again; the arguments are `SupervisionConfig`'s."""
        return self._set("supervision", max_restarts=max_restarts, period=period)

    def health(
        self,
        suspect_after: Seconds = UNSET,
        stale_after: Seconds = UNSET,
        pong_timeout: Seconds = UNSET,
    ) -> ConfigBuilder:
        """When silence is suspicious; the arguments are `HealthConfig`'s."""
        return self._set(
            "health",
            suspect_after=suspect_after,
            stale_after=stale_after,
            pong_timeout=pong_timeout,
        )

    def rollover(
        self, after: Seconds = UNSET, quiet_hour: Count = UNSET, *, enabled: Switch = UNSET
    ) -> ConfigBuilder:
        """When a websocket session is replaced; the arguments are `RolloverConfig`'s."""
        return self._set("rollover", enabled=enabled, after=after, quiet_hour=quiet_hour)

    def recovery(
        self,
        *,
        enabled: Switch = UNSET,
        max_weight: Count = UNSET,
        max_trades: Count = UNSET,
        timeout: Seconds = UNSET,
    ) -> ConfigBuilder:
        """How what was missed is fetched afterwards; the arguments are `RecoveryConfig`'s."""
        return self._set(
            "recovery",
            enabled=enabled,
            max_weight=max_weight,
            max_trades=max_trades,
            timeout=timeout,
        )

    def recorder(
        self,
        *,
        enabled: Switch = UNSET,
        seconds: Seconds = UNSET,
        max_bytes: Count = UNSET,
        folder: Text = UNSET,
        max_files: Count = UNSET,
    ) -> ConfigBuilder:
        """What is recorded, and where it is written; the arguments are `RecorderConfig`'s."""
        return self._set(
            "recorder",
            enabled=enabled,
            seconds=seconds,
            max_bytes=max_bytes,
            folder=folder,
            max_files=max_files,
        )

    def journal(self, path: str) -> ConfigBuilder:
        """The file in which orders are written down before they leave; `Config.journal`."""
        return self._set(JOURNAL, path=path)

    def build(self) -> Config:
        """The configuration.

        Raises:
            ConfigurationError: Everything that is wrong with it.
        """
        config = assemble(self._tables)
        config.validate()
        return config

    def _set(self, table: str, **fields: object) -> ConfigBuilder:
        named = {name: value for name, value in fields.items() if value is not UNSET}
        self._tables.setdefault(table, {}).update(named)
        return self


def assemble(tables: dict[str, dict[str, Any]]) -> Config:
    """The configuration with these fields, unchecked; an exchange that is not named is ""."""
    exchange: dict[str, Any] = {"name": "", **tables.get("exchange", {})}
    return Config(
        exchange=ExchangeConfig(**exchange),
        rate_limit=RateLimitConfig(**tables.get("rate_limit", {})),
        circuit_breaker=CircuitBreakerConfig(**tables.get("circuit_breaker", {})),
        clock_sync=ClockSyncConfig(**tables.get("clock_sync", {})),
        connection=ConnectionConfig(**tables.get("connection", {})),
        supervision=SupervisionConfig(**tables.get("supervision", {})),
        health=HealthConfig(**tables.get("health", {})),
        rollover=RolloverConfig(**tables.get("rollover", {})),
        recovery=RecoveryConfig(**tables.get("recovery", {})),
        recorder=RecorderConfig(**tables.get("recorder", {})),
        journal=tables.get(JOURNAL, {}).get("path", ""),
    )
