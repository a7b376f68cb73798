"""The table of endpoints: path, method of the websocket API, parameters, weight, answer.

Source: rest-api.md and web-socket-api.md, the weight and parameter tables of each endpoint. Both
interfaces are served from this one table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ..clock import TimeUnit
from .exchange_info import Announced, connection_limits, exchange_info, request_limits
from .market_data import MarketData
from .parameters import (
    END_TIME,
    FROM_ID,
    INTERVAL,
    LIMIT,
    NUMBER,
    START_TIME,
    STATUS,
    SYMBOL_OPTIONAL,
    SYMBOL_REQUIRED,
    SYMBOLS,
    TICKER_TYPE,
    TIME_ZONE,
    Parameter,
    Query,
)
from .tickers import WINDOW_SIZE, Tickers
from .weights import (
    Weight,
    costs,
    day_weight,
    depth_weight,
    four_each,
    one_or_all,
    rules_weight,
)

Answer = Callable[[Query, TimeUnit], Any]
PREFIX = "/api/v3/"
ONE_OR_MANY = (SYMBOL_OPTIONAL, SYMBOLS, STATUS)
ORDER_ID = Parameter("orderId", NUMBER)
KLINES = (SYMBOL_REQUIRED, INTERVAL, START_TIME, END_TIME, TIME_ZONE, LIMIT)


@dataclass(frozen=True)
class Endpoint:
    """One row: what is asked for, what it costs, and how it is answered.

    `answer` returns the body as JSON bytes, or as a value still to be written.
    """

    path: str
    method: str
    parameters: tuple[Parameter, ...]
    weight: Weight
    answer: Answer
    verb: ClassVar[str] = "GET"
    signed: ClassVar[bool] = False


def endpoints(data: MarketData, announced: Announced) -> dict[str, Endpoint]:
    """The endpoints of REST that need no key, by path."""
    rows = (
        _exchange_info(data, request_limits(announced)),
        *_general(data),
        *_books_and_trades(data),
        *_tickers(data),
    )
    return {row.path: row for row in rows}


def methods(
    rest: dict[str, Endpoint], data: MarketData, announced: Announced
) -> dict[str, Endpoint]:
    """The same by the methods of the websocket API, whose limits are others."""
    rows = {row.method: row for row in rest.values()}
    return rows | {"exchangeInfo": _exchange_info(data, connection_limits(announced))}


def _row(
    path: str, method: str, parameters: tuple[Parameter, ...], weight: Weight, answer: Answer
) -> Endpoint:
    return Endpoint(PREFIX + path, method, parameters, weight, answer)


def _exchange_info(data: MarketData, rate_limits: list[dict[str, Any]]) -> Endpoint:
    def answer(query: Query, unit: TimeUnit) -> Any:
        return exchange_info(query, data.now(unit), data.source, rate_limits)

    choice = (
        SYMBOL_OPTIONAL,
        SYMBOLS,
        Parameter("permissions"),
        Parameter("showPermissionSets"),
        STATUS,
    )
    return _row("exchangeInfo", "exchangeInfo", choice, costs(20), answer)


def _general(data: MarketData) -> tuple[Endpoint, ...]:
    return (
        _row("ping", "ping", (), costs(1), lambda _query, _unit: {}),
        _row("time", "time", (), costs(1), lambda _query, unit: {"serverTime": data.now(unit)}),
        _row("executionRules", "executionRules", ONE_OR_MANY, rules_weight, data.execution_rules),
    )


def _books_and_trades(data: MarketData) -> tuple[Endpoint, ...]:
    symbol = SYMBOL_REQUIRED
    first_block = replace(FROM_ID, required=True)
    times = (FROM_ID, START_TIME, END_TIME)
    return (
        _row("depth", "depth", (symbol, LIMIT, STATUS), depth_weight, data.depth),
        _row("trades", "trades.recent", (symbol, LIMIT), costs(25), data.trades),
        _row(
            "historicalTrades",
            "trades.historical",
            (symbol, FROM_ID, LIMIT),
            costs(25),
            data.trades,
        ),
        _row(
            "historicalBlockTrades",
            "blockTrades.historical",
            (symbol, first_block, LIMIT),
            costs(25),
            data.block_trades,
        ),
        _row("aggTrades", "trades.aggregate", (symbol, *times, LIMIT), costs(4), data.aggregates),
        _row("klines", "klines", KLINES, costs(2), data.klines),
        _row("uiKlines", "uiKlines", KLINES, costs(2), data.klines),
        _row("avgPrice", "avgPrice", (symbol,), costs(2), data.average),
        _row("referencePrice", "referencePrice", (symbol,), costs(2), data.reference),
        _row(
            "referencePrice/calculation",
            "referencePrice.calculation",
            (symbol, STATUS),
            costs(2),
            data.reference_calculation,
        ),
    )


def _tickers(data: MarketData) -> tuple[Endpoint, ...]:
    tickers = Tickers(data)
    typed = (*ONE_OR_MANY, TICKER_TYPE)
    return (
        _row("ticker/24hr", "ticker.24hr", typed, day_weight, tickers.day),
        _row("ticker/price", "ticker.price", ONE_OR_MANY, one_or_all, tickers.price),
        _row("ticker/bookTicker", "ticker.book", ONE_OR_MANY, one_or_all, tickers.top),
        _row("ticker", "ticker", (*typed, WINDOW_SIZE), four_each, tickers.window),
        _row(
            "ticker/tradingDay",
            "ticker.tradingDay",
            (*typed, TIME_ZONE),
            four_each,
            tickers.trading_day,
        ),
    )
