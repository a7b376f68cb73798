"""Request weights that depend on the request (rest-api.md, the weight table of each endpoint)."""

from __future__ import annotations

import re
from collections.abc import Callable

from .parameters import NUMBER, Query

Weight = Callable[[Query], int]


def costs(weight: int) -> Weight:
    """The same weight for every request."""
    return lambda _: weight


def depth_weight(query: Query) -> int:
    """By the number of levels."""
    asked = query.get("limit", "100")
    levels = int(asked) if re.fullmatch(NUMBER, asked) else 0
    if levels <= 100:
        return 5
    if levels <= 500:
        return 25
    return 50 if levels <= 1_000 else 250


def day_weight(query: Query) -> int:
    """24 h tickers: by the number of symbols, in three steps."""
    if "symbol" in query:
        return 2
    if "symbols" not in query:
        return 80
    count = _symbols(query)
    if count <= 20:
        return 2
    return 40 if count <= 100 else 80


def one_or_all(query: Query) -> int:
    """Prices and best bids and asks: 2 for one symbol, 4 for more."""
    return 2 if "symbol" in query else 4


def four_each(query: Query) -> int:
    """Rolling window and trading day tickers: 4 a symbol, 200 at most."""
    return min(4 * _symbols(query), 200)


def rules_weight(query: Query) -> int:
    """Execution rules: 2 a symbol, 40 at most and for all."""
    if "symbol" not in query and "symbols" not in query:
        return 40
    return min(2 * _symbols(query), 40)


def open_orders_weight(query: Query) -> int:
    """Open orders of one symbol or of all."""
    return 6 if "symbol" in query else 80


def my_trades_weight(query: Query) -> int:
    """The account's trades, of one order or of all."""
    return 5 if "orderId" in query else 20


def test_weight(query: Query) -> int:
    """An order that is only checked, with its commission rates or without."""
    return 20 if query.get("computeCommissionRates") == "true" else 1


def prevented_weight(query: Query) -> int:
    """Prevented matches, by what they are looked up with."""
    return 20 if "orderId" in query else 2


def _symbols(query: Query) -> int:
    return query["symbols"].count(",") + 1 if "symbols" in query else 1
