"""What the connector itself asks of an exchange, beside what its users ask."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from ..messages.base import Request
from ..messages.instruments import Filter, RateLimit
from ..messages.market import Kline, OrderBook, Trade


class Listing(msgspec.Struct, frozen=True):
    """What the exchange lists, in short.

    Attributes:
        symbols: Every symbol, as the exchange writes it.
        weight_limit: The request weight it allows within `Limits.weight_period`; None if unsaid.
        order_limits: The most unfilled orders an account may have within each of these periods.
    """

    symbols: frozenset[str]
    weight_limit: int | None
    order_limits: tuple[RateLimit, ...] = ()


class GetListing(Request[Listing], frozen=True):
    """The connector's own question at its start: which symbols are there, and which limits."""


class GetSnapshot(Request[OrderBook], frozen=True):
    """The connector's own question for the book that it keeps: the best `depth` levels a side."""

    symbol: str
    depth: int


class GetPastTrades(Request[tuple[Trade, ...]], frozen=True):
    """The connector's own question for trades that it missed: from an id on, oldest first."""

    symbol: str
    first_id: int
    limit: int


class GetNewestTrades(Request[tuple[Trade, ...]], frozen=True):
    """The same where there are only the newest to be had, oldest first."""

    symbol: str
    limit: int


class GetPastKlines(Request[tuple[Kline, ...]], frozen=True):
    """The same for candles that opened at `first` or later and before `end` (ns), oldest first."""

    symbol: str
    interval: str
    first: int
    end: int
    limit: int


class AveragePrice(msgspec.Struct, frozen=True):
    """The average price of the last `minutes`; of 0 minutes it is the last price."""

    minutes: int
    price: Decimal


class GetReferencePrice(Request[Decimal | None], frozen=True):
    """The connector's own question: the price that bounds of a symbol's orders are multiples of.

    None where there is none now; an error whose fate is MISSING where there never was one. Then it
    is an average that counts.
    """

    symbol: str


class GetAveragePrice(Request[AveragePrice | None], frozen=True):
    """The connector's own question for the average; None where nothing was traded."""

    symbol: str


class GetLastPrice(Request[AveragePrice | None], frozen=True):
    """The connector's own question for the last price; None where nothing was traded."""

    symbol: str


class GetAccountFilters(Request[tuple[Filter, ...]], frozen=True):
    """The connector's own question: rules of a symbol's orders that are the account's (signed)."""

    symbol: str
