"""The table of REST endpoints: path, parameters, weight, answer.

Source: rest-api.md, the weight and parameter tables of each endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .account import account
from .exchange_info import exchange_info
from .market_data import MarketData, depth_weight, ticker_weight
from .parameters import NUMBER, SYMBOL, Parameter
from .signing import SIGNED

Query = Mapping[str, str]


@dataclass(frozen=True)
class Endpoint:
    """One row: what is asked for, what it costs, and how it is answered.

    `answer` returns the body as JSON bytes, or as a value still to be written.
    """

    path: str
    parameters: tuple[Parameter, ...]
    weight: Callable[[Query], int]
    answer: Callable[[Query], Any]
    signed: bool = False


SYMBOL_REQUIRED = Parameter("symbol", SYMBOL, required=True)
SYMBOL_OPTIONAL = Parameter("symbol", SYMBOL)
SYMBOLS = Parameter("symbols")
LIMIT = Parameter("limit", NUMBER)


def endpoints(data: MarketData, max_weight: int) -> dict[str, Endpoint]:
    """All endpoints, by path."""
    rows = (*_general(data, max_weight), *_books_and_trades(data), *_tickers(data))
    return {row.path: row for row in rows}


def _general(data: MarketData, max_weight: int) -> tuple[Endpoint, ...]:
    clock = data.clock

    def info(query: Query) -> Any:
        entries = [data.source.symbol_info(symbol) for symbol in data.chosen(query)]
        return exchange_info(clock.milliseconds(), max_weight, entries)

    def balances(query: Query) -> Any:
        omit_zero = query.get("omitZeroBalances") == "true"
        return account(clock.milliseconds(), omit_zero=omit_zero)

    return (
        Endpoint("/api/v3/ping", (), _costs(1), lambda _: {}),
        Endpoint("/api/v3/time", (), _costs(1), lambda _: {"serverTime": clock.milliseconds()}),
        Endpoint(
            "/api/v3/exchangeInfo",
            (
                SYMBOL_OPTIONAL,
                SYMBOLS,
                Parameter("permissions"),
                Parameter("showPermissionSets"),
                Parameter("symbolStatus"),
            ),
            _costs(20),
            info,
        ),
        Endpoint(
            "/api/v3/account",
            (Parameter("omitZeroBalances"), *SIGNED),
            _costs(20),
            balances,
            signed=True,
        ),
    )


def _books_and_trades(data: MarketData) -> tuple[Endpoint, ...]:
    return (
        Endpoint("/api/v3/depth", (SYMBOL_REQUIRED, LIMIT), depth_weight, data.depth),
        Endpoint("/api/v3/trades", (SYMBOL_REQUIRED, LIMIT), _costs(25), data.trades),
        Endpoint(
            "/api/v3/historicalTrades",
            (SYMBOL_REQUIRED, Parameter("fromId", NUMBER), LIMIT),
            _costs(25),
            data.trades,
        ),
        Endpoint(
            "/api/v3/aggTrades",
            (
                SYMBOL_REQUIRED,
                Parameter("fromId", NUMBER),
                Parameter("startTime", NUMBER),
                Parameter("endTime", NUMBER),
                LIMIT,
            ),
            _costs(4),
            data.aggregates,
        ),
        Endpoint(
            "/api/v3/klines",
            (
                SYMBOL_REQUIRED,
                Parameter("interval", required=True),
                Parameter("startTime", NUMBER),
                Parameter("endTime", NUMBER),
                Parameter("timeZone"),
                LIMIT,
            ),
            _costs(2),
            data.klines,
        ),
        Endpoint("/api/v3/avgPrice", (SYMBOL_REQUIRED,), _costs(2), data.average),
    )


def _tickers(data: MarketData) -> tuple[Endpoint, ...]:
    one_or_many = (SYMBOL_OPTIONAL, SYMBOLS, Parameter("symbolStatus"))
    return (
        Endpoint("/api/v3/ticker/24hr", (*one_or_many, Parameter("type")), ticker_weight, data.day),
        Endpoint("/api/v3/ticker/price", one_or_many, _one_or_all, data.price),
        Endpoint("/api/v3/ticker/bookTicker", one_or_many, _one_or_all, data.top),
    )


def _costs(weight: int) -> Callable[[Query], int]:
    return lambda _: weight


def _one_or_all(query: Query) -> int:
    return 2 if "symbol" in query else 4
