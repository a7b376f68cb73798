"""One run, heard on every stream at once: all of it tells of the same market, and so does REST."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
import requests
import websocket

from exchange_connector.simulator import BookView, SimulatedExchange

START = 1_700_006_370.0  # half a minute before midnight UTC
STEPS = 900  # a minute and a half
CHANNELS = (
    "trade",
    "aggTrade",
    "bookTicker",
    "kline_1s",
    "kline_1m",
    "kline_1h",
    "kline_1d",
    "kline_1d@+08:00",
    "miniTicker",
    "ticker",
    "ticker_1h",
    "ticker_1d",
    "avgPrice",
    "depth@100ms",
    "depth",
    "depth5",
    "depth10@100ms",
)
SYMBOLS = ("BTCUSDT", "ETHUSDT")
END = "btcusdt@end"  # no stream of the exchange: the test sends it
Levels = dict[Decimal, Decimal]


@dataclass(frozen=True)
class Run:
    """What was heard, by stream, and the exchange, which is held after the last step."""

    exchange: SimulatedExchange
    heard: dict[str, list[Any]]
    snapshots: dict[str, Any]

    def on(self, symbol: str, channel: str) -> list[Any]:
        """All payloads of a stream."""
        return self.heard[f"{symbol.lower()}@{channel}"]

    def get(self, path: str) -> Any:
        """The body of a REST answer."""
        answer = requests.get(f"{self.exchange.rest_url}/api/v3/{path}", timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def heard() -> Iterator[Run]:
    """A run over midnight, its snapshots taken at the begin."""
    exchange = SimulatedExchange(seed=3, start_time=START, symbols=SYMBOLS)
    exchange.hold()
    with exchange:
        run = Run(exchange, defaultdict(list), {})
        for symbol in SYMBOLS:
            run.snapshots[symbol] = run.get(f"depth?symbol={symbol}&limit=5000")
        names = [f"{symbol.lower()}@{channel}" for symbol in SYMBOLS for channel in CHANNELS]
        url = f"{exchange.stream_url}/stream?streams={quote('/'.join([*names, END]))}"
        socket: Any = websocket.create_connection(url, timeout=10)
        exchange.advance(STEPS)
        exchange.publish(END, "null")
        while (message := json.loads(socket.recv()))["stream"] != END:
            run.heard[message["stream"]].append(message["data"])
        socket.shutdown()
        yield run


@pytest.fixture(params=SYMBOLS)
def symbol(request: pytest.FixtureRequest) -> str:
    """One of the symbols."""
    name: str = request.param
    return name


def volume(trades: list[Any]) -> Decimal:
    return sum((Decimal(trade["q"]) for trade in trades), Decimal())


def apply(side: Levels, rows: Any) -> None:
    for price, quantity in rows:
        if Decimal(quantity):
            side[Decimal(price)] = Decimal(quantity)
        else:
            side.pop(Decimal(price), None)


def levels(rows: Any) -> Levels:
    return {Decimal(price): Decimal(quantity) for price, quantity in rows}


def both(view: BookView) -> tuple[Levels, Levels]:
    return levels(view.bids), levels(view.asks)


def test_each_trade_is_told_once_and_in_its_order(heard: Run, symbol: str) -> None:
    """On its stream, and in the exchange's own memory."""
    trades = heard.on(symbol, "trade")
    assert len(trades) > STEPS
    assert all(later["t"] == earlier["t"] + 1 for earlier, later in pairwise(trades))
    held = {trade.trade_id: trade for trade in heard.exchange.trades(symbol)}
    for trade in trades:
        true = held[trade["t"]]
        assert trade["T"] == trade["E"] == true.time_us // 1_000
        assert Decimal(trade["p"]) * 10**8 == true.price
        assert Decimal(trade["q"]) * 10**8 == true.quantity


def test_aggregates_are_made_of_the_trades(heard: Run, symbol: str) -> None:
    """Each of consecutive trades at one price by one taker, and all of them in some aggregate."""
    trades = {trade["t"]: trade for trade in heard.on(symbol, "trade")}
    covered: list[int] = []
    for aggregate in heard.on(symbol, "aggTrade"):
        parts = [trades[number] for number in range(aggregate["f"], aggregate["l"] + 1)]
        assert {(part["p"], part["m"], part["T"]) for part in parts} == {
            (aggregate["p"], aggregate["m"], aggregate["T"])
        }
        assert volume(parts) == Decimal(aggregate["q"])
        covered += [part["t"] for part in parts]
    assert covered == list(trades)


@pytest.mark.parametrize("interval", ["1s", "1m"])
def test_closed_candles_hold_the_trades_of_their_time(
    heard: Run, symbol: str, interval: str
) -> None:
    """First, highest, lowest, last price; volumes, count and ids."""
    trades = heard.on(symbol, "trade")
    closed = [event["k"] for event in heard.on(symbol, f"kline_{interval}") if event["k"]["x"]]
    assert len({candle["t"] for candle in closed}) == len(closed) > 0
    for candle in closed[1:]:  # the first had begun before anybody listened
        inside = [trade for trade in trades if candle["t"] <= trade["T"] <= candle["T"]]
        prices = [Decimal(trade["p"]) for trade in inside]
        assert [Decimal(candle[name]) for name in "ohlc"] == [
            prices[0], max(prices), min(prices), prices[-1]
        ]  # fmt: skip
        assert (candle["f"], candle["L"], candle["n"]) == (
            inside[0]["t"],
            inside[-1]["t"],
            len(inside),
        )
        assert Decimal(candle["v"]) == volume(inside)
        assert Decimal(candle["V"]) == volume([trade for trade in inside if not trade["m"]])
    assert [later["t"] for later in closed[1:]] == [earlier["T"] + 1 for earlier in closed[:-1]]


@pytest.mark.parametrize("channel", ["kline_1m", "kline_1h", "kline_1d", "kline_1d@+08:00"])
def test_rest_has_the_candles_of_the_streams(heard: Run, symbol: str, channel: str) -> None:
    """The closed ones in their last state, and the present one as it was told at last."""
    interval, _, zone = channel.removeprefix("kline_").partition("@+0")
    path = f"klines?symbol={symbol}&interval={interval}&timeZone={zone[:1] or 0}"
    rows = {row[0]: row for row in heard.get(path)}
    candles = [event["k"] for event in heard.on(symbol, channel)]
    for candle in [candle for candle in candles if candle["x"]] + candles[-1:]:
        row = rows[candle["t"]]
        assert [row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]] == [
            candle[name] for name in ("o", "h", "l", "c", "v", "T", "q", "n")
        ]
        assert row[9:11] == [candle["V"], candle["Q"]]


def test_a_day_in_another_time_zone_closes_at_its_midnight(heard: Run, symbol: str) -> None:
    """The run goes over midnight UTC: that day closes, the other one does not."""
    utc = [event["k"] for event in heard.on(symbol, "kline_1d")]
    east = [event["k"] for event in heard.on(symbol, "kline_1d@+08:00")]
    assert [candle["T"] for candle in utc if candle["x"]] == [1_700_006_399_999]
    assert {candle["t"] for candle in east} == {1_699_977_600_000}
    assert not any(candle["x"] for candle in east)


def test_the_tickers_count_each_trade(heard: Run, symbol: str) -> None:
    """The ids go on from one to the next, and REST ends where the stream does."""
    tickers, trades = heard.on(symbol, "ticker"), heard.on(symbol, "trade")
    for ticker in tickers:
        assert ticker["n"] == ticker["L"] - ticker["F"] + 1
        so_far = [trade for trade in trades if trade["T"] <= ticker["E"]]
        assert (ticker["L"], ticker["c"]) == (so_far[-1]["t"], so_far[-1]["p"])
        assert Decimal(ticker["p"]) == Decimal(ticker["c"]) - Decimal(ticker["o"])
        assert Decimal(ticker["l"]) <= Decimal(ticker["w"]) <= Decimal(ticker["h"])
    body, last = heard.get(f"ticker/24hr?symbol={symbol}"), tickers[-1]
    assert (body["volume"], body["count"]) == (last["v"], last["n"])
    assert (body["openTime"], body["closeTime"]) == (last["O"], last["C"])
    assert body["closeTime"] - body["openTime"] == 86_400_000


def test_the_tickers_agree_with_each_other_and_with_the_candles(heard: Run, symbol: str) -> None:
    """Mini and full, 1h and its REST body, and the minutes that they are made of."""
    mini, full = heard.on(symbol, "miniTicker")[-1], heard.on(symbol, "ticker")[-1]
    assert [mini[name] for name in "cohlvq"] == [full[name] for name in "cohlvq"]
    hour, body = (
        heard.on(symbol, "ticker_1h")[-1],
        heard.get(f"ticker?symbol={symbol}&windowSize=1h"),
    )
    assert [hour[name] for name in ("o", "h", "l", "c", "v", "q", "O", "C", "F", "L", "n")] == [
        body[name]
        for name in (
            "openPrice", "highPrice", "lowPrice", "lastPrice", "volume", "quoteVolume",
            "openTime", "closeTime", "firstId", "lastId", "count",
        )
    ]  # fmt: skip
    assert hour["O"] % 60_000 == 0
    for ticker in (hour, full):
        path = f"klines?symbol={symbol}&interval=1m&limit=1000&startTime={ticker['O']}"
        rows = heard.get(path)
        while len(rows) % 1_000 == 0:
            rows += heard.get(f"{path.rpartition('=')[0]}={rows[-1][0] + 60_000}")
        assert sum(row[8] for row in rows) == ticker["n"]
        assert sum(Decimal(row[5]) for row in rows) == Decimal(ticker["v"])
        assert sum(Decimal(row[7]) for row in rows) == Decimal(ticker["q"])
        assert max(Decimal(row[2]) for row in rows) == Decimal(ticker["h"])


def test_the_average_price_is_that_of_its_minutes(heard: Run, symbol: str) -> None:
    """Five whole ones and the running one, at REST as on the stream."""
    told, body = heard.on(symbol, "avgPrice")[-1], heard.get(f"avgPrice?symbol={symbol}")
    assert (body["price"], body["closeTime"]) == (told["w"], told["T"])
    begin = told["E"] - 300_000
    rows = heard.get(f"klines?symbol={symbol}&interval=1m&startTime={begin}")
    quoted, traded = (sum((Decimal(row[at]) for row in rows), Decimal()) for at in (7, 5))
    average = quoted / traded
    assert abs(average - Decimal(told["w"])) < Decimal("1e-7")


@pytest.mark.parametrize("channel", ["depth@100ms", "depth"])
def test_diffs_on_a_snapshot_give_the_true_book(heard: Run, symbol: str, channel: str) -> None:
    """At every update id that an event ends with, back to the first."""
    snapshot, events = heard.snapshots[symbol], heard.on(symbol, channel)
    bids, asks = levels(snapshot["bids"]), levels(snapshot["asks"])
    update_id: int = snapshot["lastUpdateId"]
    assert (bids, asks) == both(heard.exchange.book(symbol, update_id))
    for event in events:
        assert event["U"] == update_id + 1
        update_id = event["u"]
        apply(bids, event["b"])
        apply(asks, event["a"])
        if event in events[::9]:
            assert (bids, asks) == both(heard.exchange.book(symbol, update_id))
    assert (bids, asks) == both(heard.exchange.book(symbol))


@pytest.mark.parametrize("channel", ["depth5", "depth10@100ms"])
def test_partial_depth_is_the_top_of_the_true_book(heard: Run, symbol: str, channel: str) -> None:
    """Its levels are those of the book at its lastUpdateId."""
    count = int(channel.partition("@")[0].removeprefix("depth"))
    for payload in heard.on(symbol, channel)[::7]:
        book = heard.exchange.book(symbol, payload["lastUpdateId"])
        assert [tuple(level) for level in payload["bids"]] == list(book.bids[:count])
        assert [tuple(level) for level in payload["asks"]] == list(book.asks[:count])


def test_the_book_ticker_is_the_best_of_the_true_book(heard: Run, symbol: str) -> None:
    """Each message is the top at its update id, and no two in a row are the same."""
    tops = heard.on(symbol, "bookTicker")
    for top in tops[::31]:
        book = heard.exchange.book(symbol, top["u"])
        assert (top["b"], top["B"]) == book.bids[0]
        assert (top["a"], top["A"]) == book.asks[0]
    assert all(later["u"] > earlier["u"] for earlier, later in pairwise(tops))
    assert all(
        [later[name] for name in "bBaA"] != [earlier[name] for name in "bBaA"]
        for earlier, later in pairwise(tops)
    )
    body = heard.get(f"ticker/bookTicker?symbol={symbol}")
    assert (body["bidPrice"], body["askQty"]) == (tops[-1]["b"], tops[-1]["A"])


def test_rest_has_the_trades_of_the_streams(heard: Run, symbol: str) -> None:
    """Digit by digit."""
    trades = {trade["t"]: trade for trade in heard.on(symbol, "trade")[-500:]}
    for row in heard.get(f"trades?symbol={symbol}&limit=500"):
        trade = trades[row["id"]]
        assert (row["price"], row["qty"], row["time"], row["isBuyerMaker"]) == (
            trade["p"],
            trade["q"],
            trade["T"],
            trade["m"],
        )
    names = ("a", "p", "q", "f", "l", "T", "m", "M")
    rows = heard.get(f"aggTrades?symbol={symbol}&limit=500")
    assert rows == [
        {name: aggregate[name] for name in names}
        for aggregate in heard.on(symbol, "aggTrade")[-500:]
    ]
