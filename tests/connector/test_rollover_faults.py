"""A websocket session is replaced by a new one: nothing missed, nothing doubled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange_connector import (
    BookTicker,
    RolledOver,
    Ticker,
    Trade,
)
from exchange_connector.simulator import SimulatedExchange

CHANNELS = ("trades", "book_ticker", "order_book_updates", "ticker", "order_book")


def everything_of(connector: Any, symbol: str, record: Callable[[], Any]) -> dict[str, Any]:
    """A subscription to each channel of a symbol."""
    recorders = {channel: record() for channel in CHANNELS}
    for channel, recorder in recorders.items():
        getattr(connector, f"subscribe_{channel}")(symbol, recorder).get(timeout=10)
    recorders["trades"].wait_for(Trade)
    return recorders


def test_a_stream_that_the_old_connection_had_lost_unnoticed(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Its last answer does not list it: what no id shows is told, and nothing else is."""
    with SimulatedExchange(symbols=("BTCUSDT",), rate=50.0) as exchange:
        connector = start(exchange).proxy()
        recorders = everything_of(connector, "BTCUSDT", record)
        for channel, kind in (("book_ticker", BookTicker), ("ticker", Ticker)):
            recorders[channel].wait_for(kind, 2)
        assert exchange.forget("*@bookTicker") == 1
        seen = len(recorders["trades"].events)
        recorders["trades"].wait(lambda events: len(events) > seen + 20)
        assert connector.roll_over().get(timeout=10) == RolledOver(1)
        seen = len(recorders["book_ticker"].events)
        recorders["book_ticker"].wait(lambda events: len(events) > seen + 5)
        assert recorders["book_ticker"].gaps == ["disconnected"]
        for channel in ("trades", "order_book_updates", "ticker"):
            assert recorders[channel].gaps == []
