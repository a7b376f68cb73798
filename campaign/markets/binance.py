"""Binance's spot market.

The keys: of a trade its id, as text; of an order book's update the last id; of a book ticker its
update id; of a candle that has closed its open time, as `["closed", t]`, and of all else the
event's time. Times are in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...messages.market import BookTicker, Kline, OrderBook, OrderBookUpdate, Trade
from ..accounting import Said
from .market import Market

NS_A_MS = 1_000_000


def events(payload: dict[str, Any]) -> Iterator[Said]:
    """One message is one event; a book ticker has no type."""
    match payload.get("e"):
        case "trade":
            yield Said(str(payload["t"]), payload["t"], payload["t"])
        case "depthUpdate":
            yield Said(payload["u"], payload["U"], payload["u"])
        case None:
            yield Said(payload["u"])
        case "kline" if payload["k"]["x"]:
            yield Said(("closed", payload["k"]["t"]))
        case _:
            yield Said(payload["E"])


def key_of(event: Any) -> Any:
    """The key of an event of the connector's."""
    match event:
        case Trade():
            return event.trade_id
        case OrderBookUpdate():
            return event.last_update_id
        case BookTicker() | OrderBook():
            return event.update_id
        case Kline(is_closed=True):
            return "closed", event.open_time // NS_A_MS
        case _:
            return event.event_time // NS_A_MS


def symbol_of(stream: str) -> str:
    """`btcusdt@trade`."""
    return stream.partition("@")[0].upper()


BINANCE = Market(
    "binance",
    "spot",
    interval="1s",
    streams={
        "trades": "{lower}@trade",
        "order_book_updates": "{lower}@depth@100ms",
        "book_ticker": "{lower}@bookTicker",
        "ticker": "{lower}@ticker",
        "klines": "{lower}@kline_1s",
        "order_book": "{lower}@depth@100ms",
    },
    events=events,
    key_of=key_of,
    symbol_of=symbol_of,
    consecutive=("trades", "order_book_updates"),
    unordered=("book_ticker",),
)
