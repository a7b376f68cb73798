"""Bodies of the REST endpoints against the documentation's own examples."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange

REST = "docs/binance_rest.jsonl"
Examples = Callable[[str, str], list[Any]]


def shape(value: Any) -> Any:
    """The field names, their order, and the kind of each value."""
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        return {name: shape(inner) for name, inner in fields.items()}
    if isinstance(value, list):
        rows: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return [shape(inner) for inner in rows[:1]]
    return type(value).__name__


def get(exchange: SimulatedExchange, path: str) -> Any:
    answer = requests.get(f"{exchange.rest_url}/api/v3/{path}", timeout=5)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    return answer.json()


@pytest.mark.parametrize(
    ("path", "title", "index"),
    [
        ("ping", "Test connectivity", 0),
        ("time", "Check server time", 0),
        ("depth?symbol=BTCUSDT&limit=5", "Order book", 0),
        ("trades?symbol=BTCUSDT", "Recent trades list", 0),
        ("historicalTrades?symbol=BTCUSDT", "Old trade lookup", 0),
        ("aggTrades?symbol=BTCUSDT", "Compressed/Aggregate trades list", 0),
        ("klines?symbol=BTCUSDT&interval=1m", "Kline/Candlestick data", 0),
        ("avgPrice?symbol=BTCUSDT", "Current average price", 0),
        ("ticker/24hr?symbol=BTCUSDT", "24hr ticker price change statistics", 0),
        ("ticker/24hr", "24hr ticker price change statistics", 1),
        ("ticker/24hr?symbol=BTCUSDT&type=MINI", "24hr ticker price change statistics", 2),
        ('ticker/24hr?symbols=["BTCUSDT"]&type=MINI', "24hr ticker price change statistics", 3),
        ("ticker/price?symbol=BTCUSDT", "Symbol price ticker", 0),
        ("ticker/price", "Symbol price ticker", 1),
        ("ticker/bookTicker?symbol=BTCUSDT", "Symbol order book ticker", 0),
        ("ticker/bookTicker", "Symbol order book ticker", 1),
    ],
)
def test_bodies_have_the_documented_fields_in_their_order(
    exchange: SimulatedExchange, examples: Examples, path: str, title: str, index: int
) -> None:
    """Every field of the documented answer is there, in its order and kind, and no other."""
    documented = shape(examples(REST, title)[index])
    answered = shape(get(exchange, path))
    assert answered == documented
    assert list(answered) == list(documented)


def test_exchange_info_has_every_documented_field(
    exchange: SimulatedExchange, examples: Examples
) -> None:
    """A symbol's entry has the documented fields, and filters that a client can trade by."""
    documented = examples(REST, "Exchange information")[0]["symbols"][0]
    info = get(exchange, "exchangeInfo")
    assert [entry["symbol"] for entry in info["symbols"]] == ["BTCUSDT", "ETHUSDT"]
    assert list(info["symbols"][0]) == list(documented)
    kinds = {entry["filterType"]: entry for entry in info["symbols"][0]["filters"]}
    assert kinds["PRICE_FILTER"]["tickSize"] == "0.01000000"
    assert kinds["LOT_SIZE"]["stepSize"] == "0.00001000"
    assert {"NOTIONAL", "MARKET_LOT_SIZE", "PERCENT_PRICE_BY_SIDE"} <= kinds.keys()


def test_exchange_info_can_be_asked_of_some_symbols(exchange: SimulatedExchange) -> None:
    """`symbol` and `symbols` choose among the listed symbols."""
    one = get(exchange, "exchangeInfo?symbol=ETHUSDT")
    two = get(exchange, 'exchangeInfo?symbols=["ETHUSDT","BTCUSDT"]')
    assert [entry["symbol"] for entry in one["symbols"]] == ["ETHUSDT"]
    assert [entry["symbol"] for entry in two["symbols"]] == ["ETHUSDT", "BTCUSDT"]


def test_depth_is_trimmed_to_its_limit(exchange: SimulatedExchange) -> None:
    """The best levels come first, no more than were asked for."""
    book = get(exchange, "depth?symbol=BTCUSDT&limit=20")
    bids = [float(price) for price, _ in book["bids"]]
    asks = [float(price) for price, _ in book["asks"]]
    assert len(bids) == len(asks) == 20
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert bids[0] < asks[0]


def test_klines_sum_up_the_shorter_ones(exchange: SimulatedExchange) -> None:
    """An hour is made of its minutes, the running one as well as one long past."""
    exchange.hold()
    for hour in get(exchange, "klines?symbol=BTCUSDT&interval=1h&limit=2"):
        window = f"startTime={hour[0]}&endTime={hour[6]}"
        minutes = get(exchange, f"klines?symbol=BTCUSDT&interval=1m&{window}")
        assert (minutes[0][1], minutes[-1][4]) == (hour[1], hour[4])
        assert sum(row[8] for row in minutes) == hour[8]
        assert sum(Decimal(row[5]) for row in minutes) == Decimal(hour[5])


def test_klines_of_another_time_zone(exchange: SimulatedExchange) -> None:
    """A day begins at midnight there; hours east of Greenwich that is earlier."""
    exchange.hold()
    for zone, midnight in (("8", 16), ("%2B8:00", 16), ("-3", 3), ("05:45", 18.25), ("0", 0)):
        (day,) = get(exchange, f"klines?symbol=BTCUSDT&interval=1d&limit=1&timeZone={zone}")
        assert day[0] % 86_400_000 == midnight * 3_600_000
        assert day[6] - day[0] == 86_399_999


def test_interface_klines_are_klines(exchange: SimulatedExchange) -> None:
    """`uiKlines` has the same rows here; how the exchange changes them is not documented."""
    exchange.hold()
    query = "?symbol=BTCUSDT&interval=5m&limit=3"
    assert get(exchange, f"uiKlines{query}") == get(exchange, f"klines{query}")


def test_klines_are_chosen_by_time(exchange: SimulatedExchange) -> None:
    """`startTime` gives rows from there on, `endTime` and `limit` the newest before."""
    exchange.hold()
    exchange.advance(40)
    rows = get(exchange, "klines?symbol=BTCUSDT&interval=1s")
    third = rows[2][0]
    assert get(exchange, f"klines?symbol=BTCUSDT&interval=1s&startTime={third}")[0][0] == third
    newest = get(exchange, f"klines?symbol=BTCUSDT&interval=1s&endTime={third}&limit=2")
    assert [row[0] for row in newest] == [rows[1][0], third]


def test_trades_are_chosen_by_id(exchange: SimulatedExchange) -> None:
    """`fromId` gives the oldest from there on, otherwise the newest come, oldest first."""
    exchange.hold()
    ids = [trade.trade_id for trade in exchange.trades("BTCUSDT")]
    newest = get(exchange, "trades?symbol=BTCUSDT&limit=3")
    missed = get(exchange, f"historicalTrades?symbol=BTCUSDT&fromId={ids[4]}&limit=3")
    assert [row["id"] for row in newest] == ids[-3:]
    assert [row["id"] for row in missed] == ids[4:7]


def test_aggregate_trades_are_chosen_by_id_or_time(exchange: SimulatedExchange) -> None:
    """Both at once are refused."""
    exchange.hold()
    rows = get(exchange, "aggTrades?symbol=BTCUSDT&limit=1000")
    later = get(exchange, f"aggTrades?symbol=BTCUSDT&fromId={rows[3]['a']}&limit=2")
    timed = get(exchange, f"aggTrades?symbol=BTCUSDT&startTime={rows[-1]['T']}")
    assert later == rows[3:5]
    assert timed == [row for row in rows if row["T"] >= rows[-1]["T"]]
    url = f"{exchange.rest_url}/api/v3/aggTrades?symbol=BTCUSDT&fromId=1&startTime=1"
    assert requests.get(url, timeout=5).json()["code"] == -1128


def test_times_in_microseconds(exchange: SimulatedExchange) -> None:
    """With the header every time field is in microseconds, and names the same instant."""
    exchange.hold()

    def both(path: str) -> tuple[Any, Any]:
        url = f"{exchange.rest_url}/api/v3/{path}"
        coarse = get(exchange, path)
        fine = requests.get(url, headers={"X-MBX-TIME-UNIT": "microsecond"}, timeout=5)
        return coarse, fine.json()

    for path, name in (
        ("trades?symbol=BTCUSDT", "time"),
        ("aggTrades?symbol=BTCUSDT", "T"),
        ("klines?symbol=BTCUSDT&interval=1m", 0),
    ):
        coarse, fine = both(path)
        assert [row[name] // 1_000 for row in fine] == [row[name] for row in coarse]
    coarse, fine = both("klines?symbol=BTCUSDT&interval=1m&limit=1")
    assert fine[0][6] == fine[0][0] + 60_000_000 - 1
    for path, name in (
        ("time", "serverTime"),
        ("exchangeInfo", "serverTime"),
        ("avgPrice?symbol=BTCUSDT", "closeTime"),
        ("ticker/24hr?symbol=BTCUSDT", "openTime"),
        ("ticker?symbol=BTCUSDT", "closeTime"),
        ("ticker/tradingDay?symbol=BTCUSDT", "openTime"),
        ("referencePrice?symbol=BTCUSDT", "timestamp"),
    ):
        coarse, fine = both(path)
        assert 0 <= fine[name] // 1_000 - coarse[name] < 1_000, path


def test_a_time_unit_that_is_none_is_refused(exchange: SimulatedExchange) -> None:
    """Upper and lower case are read, nothing else."""
    url = f"{exchange.rest_url}/api/v3/time"
    answer = requests.get(url, headers={"X-MBX-TIME-UNIT": "SECOND"}, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, -1194)


def test_windows_may_be_named_in_microseconds(exchange: SimulatedExchange) -> None:
    """`startTime` and `endTime` are read in either unit; both at once begin at the start."""
    exchange.hold()
    rows = get(exchange, "aggTrades?symbol=BTCUSDT&limit=1000")
    start, end = rows[2]["T"], rows[20]["T"]
    window = f"aggTrades?symbol=BTCUSDT&startTime={start}&endTime={end}"
    coarse = get(exchange, window)
    assert coarse == [row for row in rows if start <= row["T"] <= end]
    fine = f"aggTrades?symbol=BTCUSDT&startTime={start}000&endTime={end}999"
    assert get(exchange, fine) == coarse
    assert get(exchange, f"{window}&limit=2") == coarse[:2]
    assert get(exchange, f"aggTrades?symbol=BTCUSDT&endTime={end}&limit=2") == coarse[-2:]


def test_exchange_info_is_chosen_by_permissions_and_status(exchange: SimulatedExchange) -> None:
    """A list of permissions means any of them; permission sets can be left out."""
    for query, count in (
        ("permissions=SPOT", 2),
        ('permissions=["MARGIN","SPOT"]', 2),
        ("permissions=LEVERAGED", 0),
        ("symbolStatus=TRADING", 2),
        ("symbolStatus=HALT", 0),
    ):
        assert len(get(exchange, f"exchangeInfo?{query}")["symbols"]) == count, query
    whole, short = (
        get(exchange, "exchangeInfo"),
        get(exchange, "exchangeInfo?showPermissionSets=false"),
    )
    assert whole["symbols"][0]["permissionSets"] == [["SPOT"]]
    assert short["symbols"][0]["permissionSets"] == []


def test_tickers_are_chosen_by_status(exchange: SimulatedExchange) -> None:
    """Of many the others are left out; of one another status is an error."""
    for path in ("ticker/24hr", "ticker/price", "ticker/bookTicker"):
        assert get(exchange, f"{path}?symbolStatus=BREAK") == []
        assert len(get(exchange, f"{path}?symbolStatus=TRADING")) == 2
    url = f"{exchange.rest_url}/api/v3/ticker/price?symbol=BTCUSDT&symbolStatus=HALT"
    answer = requests.get(url, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, -1220)


def test_windows_of_a_ticker(exchange: SimulatedExchange) -> None:
    """It opens on a minute, at most 59,999 ms before the window, and closes now."""
    exchange.hold()
    for size, width_ms in (("1m", 60_000), ("2h", 7_200_000), ("7d", 604_800_000)):
        row = get(exchange, f"ticker?symbol=BTCUSDT&windowSize={size}")
        assert row["openTime"] % 60_000 == 0
        assert 0 <= row["closeTime"] - row["openTime"] - width_ms < 60_000
        assert row["count"] == row["lastId"] - row["firstId"] + 1
