"""A connector on an exchange that serves TLS, and whom it believes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import (
    Config,
    ConnectorActor,
    ExchangeConnectionError,
    GetHealth,
    OrderBook,
    StreamGap,
    Trade,
    ask,
)
from exchange_connector.simulator import SimulatedExchange

Start = Callable[[Config], Any]


@pytest.fixture
def connect() -> Any:
    """Starts connectors with a configuration, and stops them in the end."""
    refs: list[Any] = []

    def connect(config: Config) -> Any:
        refs.append(ConnectorActor.start(config))
        return refs[-1]

    yield connect
    for ref in refs:
        ref.stop(timeout=10)


def configuration(exchange: SimulatedExchange, ca_file: str) -> Config:
    """Of the exchange's port that serves TLS, quick to reconnect."""
    return (
        Config.builder()
        .exchange(
            "binance",
            exchange.api_key,
            exchange.api_secret,
            rest_url=exchange.tls_rest_url,
            stream_url=exchange.tls_stream_url,
        )
        .connection(timeout=3.0, reconnect_delay=0.02, max_reconnect_wait=0.2, ca_file=ca_file)
        .build()
    )


def test_everything_runs_over_tls(connect: Start, recorder: Any, record: Any) -> None:
    """Signed requests, a book kept from diffs, and a reset that costs a gap and no more."""
    with SimulatedExchange(rate=20.0, tls=True) as exchange:
        connector = connect(configuration(exchange, exchange.ca_file)).proxy()
        connector.ready().get(timeout=10)
        balances = {balance.asset: balance for balance in connector.balances().get(timeout=10)}
        assert balances["BTC"].free > 0
        books = record()
        connector.subscribe_trades("BTCUSDT", recorder).get(timeout=10)
        connector.subscribe_order_book("BTCUSDT", books).get(timeout=10)
        recorder.wait_for(Trade, 3)
        told = books.wait_for(OrderBook, 2)[-1]
        truth = exchange.book("BTCUSDT", told.update_id)
        assert told.bids[0].price == Decimal(truth.bids[0][0])
        assert told.asks[0].price == Decimal(truth.asks[0][0])
        exchange.cut()
        recorder.wait_for(StreamGap)
        seen = len(recorder.of(Trade))
        recorder.wait_for(Trade, seen + 3)


def test_without_it_the_connector_refuses(connect: Start) -> None:
    """The usual authorities do not know this exchange; nothing is asked of it, nothing sent."""
    with SimulatedExchange(tls=True) as exchange:
        ref = connect(configuration(exchange, ""))
        connector = ref.proxy()
        with pytest.raises(ExchangeConnectionError, match="SSL"):
            connector.server_time().get(timeout=10)
        assert exchange.wait_until(
            lambda _: "CERTIFICATE_VERIFY_FAILED" in str(ask(ref, GetHealth()))
        )
        assert exchange.requests == []
        assert exchange.dials == 0


def test_the_authority_of_another_is_none(connect: Start) -> None:
    """Only what the file holds is trusted."""
    with SimulatedExchange(tls=True) as exchange, SimulatedExchange(tls=True) as other:
        connector = connect(configuration(exchange, other.ca_file)).proxy()
        with pytest.raises(ExchangeConnectionError, match="SSL"):
            connector.server_time().get(timeout=10)
        assert exchange.requests == []
