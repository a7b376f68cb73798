"""Trades and candles of the past, from the answers that are documented."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.base import Request
from exchange_connector.messages.enums import Side
from exchange_connector.messages.market import Kline, Trade
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.driver import Lane, MalformedError
from exchange_connector.venues.questions import GetPastKlines, GetPastTrades

Lines = Callable[[str], Iterator[dict[str, Any]]]

RECEIVED = 1_700_000_000_000_000_000
TRADES = GetPastTrades("BNBBTC", 28457, 1000)
KLINES = GetPastKlines("BNBBTC", "1w", 1499040000000_000_000, 1499644800000_000_000, 1000)
TRADE = {
    "id": 28457,
    "price": "4.00000100",
    "qty": "12.00000000",
    "quoteQty": "48.000012",
    "time": 1499865549590,
    "isBuyerMaker": True,
    "isBestMatch": True,
}
KLINE = [
    *(1499040000000, "0.01634790", "0.80000000", "0.01575800", "0.01577100", "148976.11427815"),
    *(1499644799999, "2434.19055334", 308, "1756.87402397", "28.46694368", "0"),
]


def decode(request: Request[Any], body: object) -> Any:
    """The reply in a body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return DRIVER.endpoints[type(request)].decode(data, request, RECEIVED)


def test_trades_are_those_of_the_stream_but_for_being_recovered() -> None:
    """Digit by digit; the taker sold if the buyer was the maker."""
    (sold, bought) = decode(TRADES, [TRADE, {**TRADE, "id": 28458, "isBuyerMaker": False}])
    instant = 1499865549590_000_000
    assert sold == Trade(
        "binance",
        "BNBBTC",
        instant,
        RECEIVED,
        trade_id="28457",
        price=Decimal("4.00000100"),
        quantity=Decimal("12.00000000"),
        taker_side=Side.SELL,
        trade_time=instant,
        recovered=True,
    )
    assert str(sold.price) == "4.00000100"
    assert (bought.trade_id, bought.taker_side) == ("28458", Side.BUY)


def test_candles_have_closed() -> None:
    """At their last instant."""
    (candle,) = decode(KLINES, [KLINE])
    closed = 1499644799999_000_000
    assert candle == Kline(
        "binance",
        "BNBBTC",
        closed,
        RECEIVED,
        interval="1w",
        open_time=1499040000000_000_000,
        close_time=closed,
        open_price=Decimal("0.01634790"),
        high_price=Decimal("0.80000000"),
        low_price=Decimal("0.01575800"),
        close_price=Decimal("0.01577100"),
        volume=Decimal("148976.11427815"),
        quote_volume=Decimal("2434.19055334"),
        trade_count=308,
        is_closed=True,
        recovered=True,
    )


@pytest.mark.parametrize("request_", [TRADES, KLINES])
def test_there_may_be_none(request_: Request[Any]) -> None:
    """Which is no fault of the exchange's."""
    assert decode(request_, []) == ()


@pytest.mark.parametrize("request_", [TRADES, KLINES])
def test_they_leave_behind_all_others(request_: Request[Any]) -> None:
    """And unsigned."""
    endpoint = DRIVER.endpoints[type(request_)]
    assert endpoint.lane is max(Lane)
    assert not endpoint.signed


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        *((TRADES, [{**TRADE, "id": odd}]) for odd in (-1, 1.5, "1", True, None)),
        *((TRADES, [{**TRADE, "price": odd}]) for odd in ("NaN", "1e5", "-1", "", 1.5, None)),
        *((TRADES, [{**TRADE, "qty": odd}]) for odd in ("NaN", " 1", "1_0", 1)),
        *((TRADES, [{**TRADE, "time": odd}]) for odd in (-1, "1", 10**16)),
        (TRADES, [{**TRADE, "isBuyerMaker": 1}]),
        (TRADES, [{key: TRADE[key] for key in TRADE if key != "isBuyerMaker"}]),
        (TRADES, {}),
        (TRADES, [KLINE]),
        (TRADES, b"["),
        (TRADES, b'[{"a":"\xff"}]'),
        *((KLINES, [[*KLINE[:at], odd, *KLINE[at + 1 :]]]) for at in range(1, 6)
          for odd in ("NaN", 1.5, None)),
        *((KLINES, [[odd, *KLINE[1:]]]) for odd in (-1, "1", 1499644800000)),
        (KLINES, [KLINE[:8]]),
        (KLINES, [TRADE]),
        (KLINES, b"null"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused(request_: Request[Any], body: object) -> None:
    """Numbers are texts of digits, times and ids are integers, and a candle ends after it began."""
    with pytest.raises(MalformedError):
        decode(request_, body)


@given(st.sampled_from([TRADES, KLINES]), st.binary(max_size=60))
def test_any_body_is_a_reply_or_refused(request: Request[Any], body: bytes) -> None:
    """Never another error."""
    with contextlib.suppress(MalformedError):
        decode(request, body)


@pytest.mark.parametrize(
    ("request_", "path"),
    [(TRADES, "Old trade lookup"), (KLINES, "Kline/Candlestick data")],
)
def test_documented_bodies_decode(request_: Request[Any], path: str, lines: Lines) -> None:
    """As the page of the REST API shows them."""
    sections = {line["section"]: line["raw"] for line in lines("docs/binance_rest.jsonl")}
    (body,) = (raw for section, raw in sections.items() if section.endswith(f"> {path}"))
    assert len(decode(request_, body.encode())) == 1
