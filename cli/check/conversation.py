"""Asks the exchange, by the library's own HTTP client and by a connector of its own."""

from __future__ import annotations

import queue
import time
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec
import pykka

from ... import ConnectorActor, ask
from ...actors.sending.http import Failure, HttpClient
from ...actors.sending.http_job import Job
from ...messages.base import Request
from ...messages.config import CircuitBreakerConfig, Config
from ...messages.enums import SymbolStatus
from ...messages.errors import ConnectorError, ExchangeConnectionError, ExchangeError
from ...messages.instruments import ExchangeInfo, SymbolInfo
from ...messages.requests import (
    GetExchangeInfo,
    GetHealth,
    Ping,
    SubscribeBookTicker,
)
from ...venues.driver import Driver, MalformedError
from .measured import PingFailed, Pings, StreamDown, StreamSeen
from .probes import bounded

R = TypeVar("R")

BUSY = {"binance": "BTCUSDT", "bybit": "BTCUSDT"}
"""Of each exchange the symbol whose events never pause."""
_PINGS = 5
_STOP = 2.0
"""Seconds within which the connector has stopped."""
_USER_AGENT = "exchange-connector"


def ping(driver: Driver, config: Config, seconds: float) -> Pings | PingFailed:
    """Ping REST a few times; the first that fails is the outcome.

    By HTTP client alone: a connector would keep from us which status its own requests met.
    """
    endpoint = driver.endpoints[Ping]
    url = f"{driver.urls(config.exchange).rest}{endpoint.path}"
    connection = config.connection
    client = HttpClient(1, connection.proxy, _USER_AGENT, connection.ca_file)
    deadline = time.monotonic() + seconds
    times: list[float] = []
    try:
        while len(times) < _PINGS and (left := deadline - time.monotonic()) > 0:
            job = Job(endpoint.method, url, "", None)
            outcome = _ping(driver, client, job, left)
            if isinstance(outcome, PingFailed):
                return outcome
            times.append(outcome)
    finally:
        client.close()
    return Pings(tuple(times)) if times else _silent(seconds)


def _ping(driver: Driver, client: HttpClient, job: Job, seconds: float) -> float | PingFailed:
    came = bounded(lambda: client.send(job, seconds), seconds)
    if came is None:
        job.cut()
        return _silent(seconds)
    if isinstance(came, Failure):
        return PingFailed(came.status, ExchangeConnectionError("rest", came.reason))
    refusal = driver.refusal(came.status, came.headers, came.body, time.time())
    if refusal is not None:
        return PingFailed(came.status, refusal.error, refusal.wait)
    try:
        driver.endpoints[Ping].decode(came.body, Ping(), 0)
    except MalformedError as error:
        reason = f"an answer that is not the exchange's: {error}"
        return PingFailed(came.status, ExchangeError(0, reason, came.status))
    return (came.received_ns - came.sent_ns) / 1e9


def _silent(seconds: float) -> PingFailed:
    return PingFailed(0, ExchangeConnectionError("rest", f"no answer within {seconds:.1f} s"))


class Conversation:
    """A connector that lives as long as the context, and answers or fails within given times.

    Args:
        seconds: The longest that any of its requests may take.
    """

    def __init__(self, config: Config, seconds: float) -> None:
        self._config = _eager(config, seconds)
        self._exchange = config.exchange.name
        self._ref: pykka.ActorRef[Any] | None = None

    def __enter__(self) -> Self:
        self._ref = ConnectorActor.start(self._config)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ref is not None:
            self._ref.stop(timeout=2 * _STOP)

    def ask(self, request: Request[R], seconds: float) -> R | ConnectorError:
        """The reply, or why there is none."""
        assert self._ref is not None
        try:
            return ask(self._ref, request, timeout=seconds)
        except ConnectorError as error:
            return error
        except pykka.Timeout:
            return ExchangeConnectionError("rest", f"no answer within {seconds:.1f} s")

    def exchange_info(self, seconds: float) -> ExchangeInfo | ConnectorError:
        """What there is: of the busy symbol if it is listed, else of all."""
        asked_at = time.monotonic()
        info = self.ask(GetExchangeInfo((BUSY[self._exchange],)), seconds)
        if isinstance(info, ExchangeError) and info.http_status == 400:
            return self.ask(GetExchangeInfo(), max(0.1, seconds - (time.monotonic() - asked_at)))
        return info

    def watch(self, symbol: str, seconds: float) -> StreamSeen | StreamDown | ConnectorError:
        """Subscribe to a symbol, and wait for its first event."""
        assert self._ref is not None
        events: queue.SimpleQueue[float] = queue.SimpleQueue()
        began = time.monotonic()
        request = SubscribeBookTicker(symbol, lambda event: events.put(time.monotonic()))
        try:
            ask(self._ref, request, timeout=seconds)
        except ConnectorError as error:
            return error
        except pykka.Timeout:
            return StreamDown(symbol, self._session_cause(), seconds)
        confirmed = time.monotonic() - began
        try:
            event = events.get(timeout=max(0.01, seconds - confirmed))
        except queue.Empty:
            return StreamSeen(symbol, confirmed, None, seconds - confirmed)
        return StreamSeen(symbol, confirmed, event - began, seconds)

    def _session_cause(self) -> str:
        health = self.ask(GetHealth(), _STOP)
        if isinstance(health, ConnectorError):
            return str(health)
        causes = (part.cause for part in health.sessions.values() if part.cause)
        return next(causes, "" if health.sessions else "not connected yet")


def active_symbol(symbols: tuple[SymbolInfo, ...], exchange: str) -> str:
    """A symbol that trades: the busy one, else the first."""
    trading = [each.symbol for each in symbols if each.status == SymbolStatus.TRADING]
    busy = BUSY[exchange]
    return busy if busy in trading or not trading else trading[0]


def _eager(config: Config, seconds: float) -> Config:
    """The same, impatient: what fails is to be told within seconds, not to be outlasted."""
    connection = config.connection
    wait = min(connection.reconnect_delay, 0.5)
    return msgspec.structs.replace(
        config,
        circuit_breaker=CircuitBreakerConfig(enabled=False),
        clock_sync=msgspec.structs.replace(config.clock_sync, enabled=True),
        connection=msgspec.structs.replace(
            connection,
            timeout=min(connection.timeout, seconds),
            reconnect_delay=wait,
            max_reconnect_wait=max(wait, min(connection.max_reconnect_wait, 1.0)),
            stop_timeout=min(connection.stop_timeout, _STOP),
        ),
    )
