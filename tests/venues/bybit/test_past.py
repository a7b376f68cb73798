"""Candles of the past, and the newest trades."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.messages.enums import Side
from exchange_connector.messages.errors import ValidationError
from exchange_connector.messages.market import Kline, Trade
from exchange_connector.venues.bybit import LINEAR, SPOT
from exchange_connector.venues.bybit.past import following
from exchange_connector.venues.driver import MalformedError
from exchange_connector.venues.questions import GetNewestTrades, GetPastKlines

Lines = Callable[[str], Iterator[dict[str, Any]]]

D = Decimal
HOUR = 3_600_000_000_000
FIRST = 1670601600000
ENDPOINT = SPOT.endpoints[GetPastKlines]


def instant(*date: int) -> int:
    """Of a day in UTC, in nanoseconds."""
    return int(datetime(*date, tzinfo=UTC).timestamp()) * 1_000_000_000  # type: ignore[misc,arg-type]


def row(start: object, close: str = "17071.50") -> list[Any]:
    """A candle as it is sent."""
    return [str(start), "17086.5", "17088", "16978", close, "6356", "0.37288112"]


def body(*rows: Any, symbol: str = "BTCUSDT") -> bytes:
    """An answer."""
    result = {"category": "spot", "symbol": symbol, "list": list(rows)}
    return json.dumps({"retCode": 0, "retMsg": "OK", "result": result, "time": 1}).encode()


def wanted(first: int = FIRST, hours: int = 3) -> GetPastKlines:
    """Some hours."""
    begin = first * 1_000_000
    return GetPastKlines("BTCUSDT", "1h", begin, begin + hours * HOUR, 1000)


def test_the_oldest_comes_first() -> None:
    """On the wire it is the newest; a candle ends a millisecond before the next one."""
    rows = [row(FIRST + 3_600_000 * number, f"{number}.0") for number in (2, 1, 0)]
    klines = ENDPOINT.decode(body(*rows), wanted(), 7)
    assert [kline.close_price for kline in klines] == [0, 1, 2]
    begin = FIRST * 1_000_000
    ends = begin + HOUR - 1_000_000
    assert repr(klines[0]) == repr(
        Kline(
            *("bybit", "BTCUSDT", ends, 7, "1h", begin, ends),
            *(D("17086.5"), D("17088"), D("16978"), D("0.0"), D("6356"), D("0.37288112")),
            None,
            is_closed=True,
            recovered=True,
        )
    )


def test_what_was_not_asked_for_is_left_out() -> None:
    """Such as the candle that is open: it would be told as closed."""
    rows = [row(FIRST + 3_600_000 * number) for number in (3, 2, 1, 0, -1)]
    klines = ENDPOINT.decode(body(*rows), wanted(), 7)
    opens = [kline.open_time for kline in klines]
    assert opens == [FIRST * 1_000_000 + number * HOUR for number in range(3)]
    assert ENDPOINT.decode(body(), wanted(), 7) == ()


def test_no_more_is_asked_for_than_comes() -> None:
    """Of more than the limit the newest would come, and the oldest be lost."""
    query = dict(ENDPOINT.parameters(GetPastKlines("A", "1m", 60_000_000_000, 10**18, 5)))
    assert (query["start"], query["end"], query["limit"]) == ("60000", "359999", "5")
    month = GetPastKlines("A", "1M", instant(2026, 11, 1), instant(2028, 1, 1), 3)
    query = dict(ENDPOINT.parameters(month))
    assert int(query["end"]) == instant(2027, 2, 1) // 1_000_000 - 1
    assert query["interval"] == "M"


def test_a_first_that_is_no_millisecond_is_rounded_up() -> None:
    """What opened before it is not wanted; nor is what opens at the end."""
    query = dict(ENDPOINT.parameters(GetPastKlines("A", "1m", 1, 2_000_000, 5)))
    assert (query["start"], query["end"]) == ("1", "1")


@pytest.mark.parametrize(
    ("begin", "interval", "then"),
    [
        ((2026, 1, 1), "1", (2026, 1, 1, 0, 1)),
        ((2026, 1, 1), "720", (2026, 1, 1, 12)),
        ((2026, 1, 1), "D", (2026, 1, 2)),
        ((2026, 1, 5), "W", (2026, 1, 12)),
        ((2026, 1, 1), "M", (2026, 2, 1)),
        ((2024, 2, 1), "M", (2024, 3, 1)),
        ((2025, 2, 1), "M", (2025, 3, 1)),
        ((2026, 12, 1), "M", (2027, 1, 1)),
    ],
)
def test_when_the_next_candle_opens(
    begin: tuple[int, ...], interval: str, then: tuple[int, ...]
) -> None:
    """Months have as many days as they have."""
    assert following(instant(*begin), interval) == instant(*then)


@pytest.mark.parametrize(
    "bad",
    [
        *(row("x"), row(""), row(-1), row(10**15), row(9_999_999_999_999), row(FIRST)[:6]),
        *(row(FIRST, "NaN"), row(FIRST, "1e5"), row(FIRST, ""), [FIRST, *row(FIRST)[1:]]),
        *({}, None, "x", [row(FIRST)]),
    ],
)
@pytest.mark.parametrize("interval", ["1h", "1M"])
def test_what_is_no_candle(interval: str, bad: Any) -> None:
    """Each of its numbers is looked at."""
    request = GetPastKlines("BTCUSDT", interval, 0, 2**63 - 1, 1000)
    with pytest.raises(MalformedError):
        ENDPOINT.decode(body(bad), request, 7)


def test_another_symbol_is_refused() -> None:
    """What is asked is what comes."""
    with pytest.raises(MalformedError, match="ETHUSDT"):
        ENDPOINT.decode(body(row(FIRST), symbol="ETHUSDT"), wanted(), 7)


def test_the_documented_candles(lines: Lines) -> None:
    """Of an inverse contract, as they are written."""
    (line,) = (
        line
        for line in lines("docs/bybit_market.jsonl")
        if line["file"] == "docs/v5/market/kline.mdx"
    )
    request = GetPastKlines("BTCUSD", "1h", FIRST * 1_000_000, FIRST * 1_000_000 + 3 * HOUR, 1000)
    klines = ENDPOINT.decode(line["raw"].encode(), request, 7)
    assert [str(kline.close_price) for kline in klines] == ["17071.5", "17071", "17055.5"]


NEWEST = SPOT.endpoints[GetNewestTrades]


def execution(id: str, time: int = FIRST, **more: Any) -> dict[str, Any]:
    """A trade as it is sent."""
    row = {"execId": id, "symbol": "BTCUSDT", "price": "16618.49", "size": "0.00012"}
    other = {
        "side": "Buy",
        "time": str(time),
        "isBlockTrade": False,
        "isRPITrade": True,
        "seq": "1",
    }
    return row | other | more


def newest(*rows: dict[str, Any]) -> Any:
    """What they are decoded to."""
    content = {"category": "spot", "list": rows}
    answer = {"retCode": 0, "retMsg": "OK", "result": content, "time": 1}
    return NEWEST.decode(json.dumps(answer).encode(), GetNewestTrades("btcusdt", 60), 7)


def test_the_newest_trades_as_documented(lines: Lines) -> None:
    """The oldest comes first, and at its own time, for there is no other."""
    page = "docs/v5/market/recent-trade.mdx"
    (example,) = [each for each in lines("docs/bybit_market.jsonl") if each["file"] == page]
    raw = example["raw"].encode()
    found = NEWEST.decode(raw, GetNewestTrades("BTCUSDT", 60), 7)
    time = 1672052955758 * 1_000_000
    id, digits = "2100000000007764263", (D("16618.49"), D("0.00012"))
    trade = Trade("bybit", "BTCUSDT", time, 7, id, *digits, Side.BUY, time, recovered=True)
    assert found == (trade,)


def test_trades_of_one_millisecond_are_turned_round_too() -> None:
    """The newest is the first on the wire."""
    found = newest(execution("3"), execution("2"), execution("1", FIRST - 1, side="Sell"))
    assert [each.trade_id for each in found] == ["1", "2", "3"]
    assert [each.taker_side for each in found] == [Side.SELL, Side.BUY, Side.BUY]
    assert newest() == ()


def test_how_many_trades_a_market_tells() -> None:
    """Sixty on spot, a thousand on linear."""
    for driver, most in ((SPOT, "60"), (LINEAR, "1000")):
        endpoint, request = driver.endpoints[GetNewestTrades], GetNewestTrades("btcusdt", int(most))
        assert endpoint.path == "/v5/market/recent-trade"
        assert endpoint.parameters(request) == [
            ("category", driver.market),
            ("symbol", "BTCUSDT"),
            ("limit", most),
        ]
    with pytest.raises(ValidationError):
        NEWEST.parameters(GetNewestTrades("BTCUSDT", 1001))


@pytest.mark.parametrize(
    "wrong",
    [
        {"symbol": "ETHUSDT"},
        {"price": "1e5"},
        {"size": 1},
        {"side": "Up"},
        {"time": "-1"},
        {"execId": ""},
    ],
)
def test_trades_that_cannot_be_trusted(wrong: dict[str, Any]) -> None:
    """None of the answer is."""
    with pytest.raises(MalformedError):
        newest(execution("2"), execution("1", **wrong))
