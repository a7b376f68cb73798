"""Bybit's spot and linear markets.

The keys: of a trade its id; of an order book's update its id and time, since the ids begin anew
where the service restarts; of a book ticker its time and what it says, for the same reason; of a
candle that has closed its open time, as `["closed", t]`, and of all else the event's time. Times
are in milliseconds; those of order books are the matching engine's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...messages.market import BookTicker, Kline, OrderBook, OrderBookUpdate, Trade
from ..accounting import Said
from .market import Market

NS_A_MS = 1_000_000
KEPT = 50
"""The least deep stream that an order book of 20 levels can be kept with."""


def events(payload: dict[str, Any]) -> Iterator[Said]:
    """One message may be several trades, or the end of a candle and the begin of the next one."""
    kind, _, rest = payload["topic"].partition(".")
    data = payload["data"]
    match kind:
        case "publicTrade":
            yield from (Said(each["i"]) for each in data)
        case "orderbook" if rest.startswith("1."):
            yield Said(_top(payload["cts"], data["b"][0], data["a"][0]), is_state=True)
        case "orderbook":
            u = data["u"]
            yield Said(_update(u, payload["cts"]), u, u, is_state=True)
        case "kline":
            for each in data:
                closed = "closed", each["start"]
                yield Said(closed) if each["confirm"] else Said(each["timestamp"], is_state=True)
        case _:
            yield Said(payload["ts"], is_state=True)


def key_of(event: Any) -> Any:
    """The key of an event of the connector's."""
    at = event.event_time // NS_A_MS
    match event:
        case Trade():
            return event.trade_id
        case OrderBookUpdate():
            return _update(event.last_update_id, at)
        case OrderBook():
            return _update(event.update_id, at)
        case BookTicker():
            bid = f"{event.bid_price:f}", f"{event.bid_quantity:f}"
            return _top(at, bid, (f"{event.ask_price:f}", f"{event.ask_quantity:f}"))
        case Kline(is_closed=True):
            return "closed", event.open_time // NS_A_MS
        case _:
            return at


def symbol_of(stream: str) -> str:
    """`linear/publicTrade.BTCUSDT`."""
    return stream.rpartition(".")[2]


def _update(u: int, at: int) -> str:
    return f"{u} at {at}"


def _top(at: int, bid: Sequence[str], ask: Sequence[str]) -> str:
    return f"{':'.join(bid)} {':'.join(ask)} at {at}"


def _market(name: str) -> Market:
    return Market(
        "bybit",
        name,
        interval="1m",
        streams={
            "trades": f"{name}/publicTrade.{{symbol}}",
            "order_book_updates": f"{name}/orderbook.200.{{symbol}}",
            "book_ticker": f"{name}/orderbook.1.{{symbol}}",
            "ticker": f"{name}/tickers.{{symbol}}",
            "klines": f"{name}/kline.1.{{symbol}}",
            "order_book": f"{name}/orderbook.{KEPT}.{{symbol}}",
        },
        events=events,
        key_of=key_of,
        symbol_of=symbol_of,
        consecutive=("order_book_updates", "order_book"),
        unordered=("trades", "book_ticker"),
        category=name,
        depth=KEPT,
        is_name_late=name == "spot",  # candles
    )


BYBIT_SPOT = _market("spot")
BYBIT_LINEAR = _market("linear")
