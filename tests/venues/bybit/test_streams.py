"""Names of streams, and the frames that are no market data."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from exchange_connector.core.sequence import Rule
from exchange_connector.messages.config import ExchangeConfig
from exchange_connector.messages.enums import Channel
from exchange_connector.messages.errors import ExchangeError, ValidationError
from exchange_connector.messages.requests import (
    SubscribeBookTicker,
    SubscribeKlines,
    SubscribeMarket,
    SubscribeOrderBook,
    SubscribeOrderBookUpdates,
    SubscribeTicker,
    SubscribeTrades,
)
from exchange_connector.messages.streams import Stream
from exchange_connector.venues import DRIVERS, driver_of
from exchange_connector.venues.bybit import LINEAR, SPOT
from exchange_connector.venues.control import UNNUMBERED, Answered, DataFrame, Notice, Ponged
from exchange_connector.venues.driver import MalformedError, Urls

NAMES = {
    "1m": "1",
    "3m": "3",
    "5m": "5",
    "15m": "15",
    "30m": "30",
    "1h": "60",
    "2h": "120",
    "4h": "240",
    "6h": "360",
    "12h": "720",
    "1d": "D",
    "1w": "W",
    "1M": "M",
}


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (SubscribeTrades("btcusdt"), "publicTrade.BTCUSDT"),
        (SubscribeTicker("BTCUSDT"), "tickers.BTCUSDT"),
        (SubscribeBookTicker("BTC-26JUN26"), "orderbook.1.BTC-26JUN26"),
        (SubscribeKlines("BTCUSDT", "1h"), "kline.60.BTCUSDT"),
        (SubscribeOrderBookUpdates("BTCUSDT"), "orderbook.200.BTCUSDT"),
        (SubscribeOrderBookUpdates("BTCUSDT", depth=1), "orderbook.50.BTCUSDT"),
        (SubscribeOrderBookUpdates("BTCUSDT", depth=50), "orderbook.50.BTCUSDT"),
        (SubscribeOrderBookUpdates("BTCUSDT", depth=51), "orderbook.200.BTCUSDT"),
        (SubscribeOrderBookUpdates("BTCUSDT", depth=201), "orderbook.1000.BTCUSDT"),
        (SubscribeOrderBookUpdates("BTCUSDT", depth=1000), "orderbook.1000.BTCUSDT"),
    ],
)
def test_names_on_the_wire(request_: SubscribeMarket, name: str) -> None:
    """The same on both markets."""
    for driver in (SPOT, LINEAR):
        assert driver.stream_name(driver.stream(request_)) == name


@pytest.mark.parametrize(("interval", "name"), NAMES.items())
def test_intervals(interval: str, name: str) -> None:
    """In Binance's spelling, as everywhere."""
    stream = SPOT.stream(SubscribeKlines("BTCUSDT", interval))
    assert stream == Stream(Channel.KLINES, "BTCUSDT", interval=interval)
    assert SPOT.stream_name(stream) == f"kline.{name}.BTCUSDT"


@pytest.mark.parametrize("interval", ["1s", "8h", "3d", "60", "D", "", None, 1, ["1m"]])
def test_an_interval_that_bybit_lacks(interval: Any) -> None:
    """The error names those that there are."""
    with pytest.raises(ValidationError) as raised:
        SPOT.stream(SubscribeKlines("BTCUSDT", interval))
    assert raised.value.field == "interval"
    assert raised.value.reason == f"must be one of {', '.join(NAMES)}"


def test_different_streams_have_different_names() -> None:
    """The table of streams knows them by these."""
    requests: list[SubscribeMarket] = [
        *(SubscribeTrades("A"), SubscribeTicker("A"), SubscribeBookTicker("A")),
        *(SubscribeKlines("A", interval) for interval in NAMES),
        *(SubscribeOrderBookUpdates("A", depth=depth) for depth in range(1001)),
    ]
    streams = {SPOT.stream(request) for request in requests}
    assert len({SPOT.stream_name(stream) for stream in streams}) == len(streams) == 19
    assert {stream.depth for stream in streams} == {0, 50, 200, 1000}


@pytest.mark.parametrize("depth", [0, -1, 1001, True, 1.0, "20", None])
def test_depths_of_a_book(depth: Any) -> None:
    """1 to 1000; of updates 0, too, which is the usual depth."""
    assert SPOT.stream(SubscribeOrderBook("a", depth=1000)) == Stream(Channel.ORDER_BOOK, "A")
    with pytest.raises(ValidationError, match="depth: must be 1 to 1000"):
        SPOT.stream(SubscribeOrderBook("A", depth=depth))
    if depth != 0:
        with pytest.raises(ValidationError, match="depth: must be 0 to 1000"):
            SPOT.stream(SubscribeOrderBookUpdates("A", depth=depth))


@pytest.mark.parametrize("symbol", ["", " ", "A.B", "A B", 'A"', "A\n", "x" * 65, None, 1, "a,b"])
def test_symbols_that_are_none(symbol: Any) -> None:
    """They would be something else in a topic."""
    with pytest.raises(ValidationError) as raised:
        SPOT.stream(SubscribeTrades(symbol))
    assert raised.value.field == "symbol"


def test_commands() -> None:
    """As documented, with a number that comes back as text."""
    names = ("orderbook.50.BTCUSDT", "publicTrade.BTCUSDT")
    subscribe = msgspec.json.decode(SPOT.command(7, True, names))
    assert subscribe == {"req_id": "7", "op": "subscribe", "args": list(names)}
    unsubscribe = msgspec.json.decode(SPOT.command(8, False, names[:1]))
    assert unsubscribe == {"req_id": "8", "op": "unsubscribe", "args": ["orderbook.50.BTCUSDT"]}
    assert SPOT.ping_command is not None
    assert msgspec.json.decode(SPOT.ping_command(100001)) == {"req_id": "100001", "op": "ping"}
    assert SPOT.list_command is None


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ('{"success":true,"ret_msg":"","conn_id":"c","req_id":"7","op":"subscribe"}', Answered(7)),
        ('{"req_id":"7","op":"unsubscribe","ret_msg":"","success":true}', Answered(7)),
        ('{"success":true,"ret_msg":"subscribe","conn_id":"c","op":"subscribe"}', None),
        ('{"success":true,"ret_msg":"","conn_id":"c","req_id":"","op":"subscribe"}', None),
        ('{"success":true,"ret_msg":"","req_id":"mine","op":"subscribe"}', None),
        ('{"success":true,"ret_msg":"","req_id":7,"op":"subscribe"}', None),
        ('{"success":true,"ret_msg":"","req_id":"\u0667","op":"subscribe"}', None),
        ('{"success":true,"req_id":"9999999999999999999","op":"subscribe"}', None),
        (
            '{"success":true,"ret_msg":"pong","conn_id":"c","req_id":"7","op":"ping"}',
            Ponged(7),
        ),
        ('{"success":true,"ret_msg":"pong","conn_id":"c","op":"ping"}', Ponged(UNNUMBERED)),
        (
            '{"success":true,"ret_msg":"pong","conn_id":"c","req_id":"","op":"ping"}',
            Ponged(UNNUMBERED),
        ),
        ('{"args":["1672916271846"],"op":"pong"}', Ponged(UNNUMBERED)),
        (
            '{"req_id":"test","op":"pong","args":["1675418560633"],"conn_id":"c"}',
            Ponged(UNNUMBERED),
        ),
        (
            '{"retCode":0,"retMsg":"OK","op":"pong","data":["1711002002529"],"connId":"c"}',
            Ponged(UNNUMBERED),
        ),
        ('{"topic":"tickers.A","data":{}}', DataFrame(b"tickers.A")),
        ('{"type":"snapshot","data":[1],"topic":"kline.1.A","ts":1}', DataFrame(b"kline.1.A")),
        (' { "ts":1, "topic" : "a\\u002eb", "data" : {} } ', DataFrame(b"a.b")),
    ],
)
def test_what_is_no_market_data(frame: str, expected: object) -> None:
    """An answer to us, a pong of any shape, data whose name stands elsewhere; else a notice."""
    for driver in (SPOT, LINEAR):
        control = driver.control(frame.encode())
        if expected is None:
            assert control == Notice("confirmed: subscribe")
        else:
            assert control == expected


def test_refused_commands() -> None:
    """The exchange's words are kept; a code it has seldom."""
    words = "error:handler not found,topic:orderbook.5.BTCUSDT"
    frame = f'{{"success":false,"ret_msg":"{words}","conn_id":"c","req_id":"9","op":"subscribe"}}'
    assert SPOT.control(frame.encode()) == Answered(9, ExchangeError(0, words, exchange="bybit"))
    coded = b'{"retCode":10404,"ret_msg":"no","req_id":"9","op":"x"}'
    assert SPOT.control(coded) == Answered(9, ExchangeError(10404, "no", exchange="bybit"))
    notice = SPOT.control(f'{{"success":false,"ret_msg":"{words}","op":""}}'.encode())
    assert notice == Notice(f"refused: {words} (code 0)")
    ping = SPOT.control(b'{"success":false,"ret_msg":"no","req_id":"7","op":"ping"}')
    assert ping == Notice("refused: no (code 0)")
    huge = SPOT.control(b'{"retCode":' + b"9" * 40 + b',"success":false,"req_id":"9"}')
    assert huge == Answered(9, ExchangeError(0, "", exchange="bybit"))


@pytest.mark.parametrize(
    "frame",
    [
        *(b"", b"{", b"{}", b"[]", b"1", b"\xff", b'{"op":1}', b'{"topic":1,"data":{}}'),
        *(b'{"topic":"a"}', b'{"op":"subscribe"}', b'{"success":1}', b"[" * 100_000),
        b'{"success":"true","req_id":"1","op":"subscribe"}',
    ],
)
def test_what_is_nothing_at_all(frame: bytes) -> None:
    """It is refused, in short."""
    with pytest.raises(MalformedError) as raised:
        SPOT.control(frame)
    assert len(str(raised.value)) < 200
    assert raised.value.__context__ is None


def test_both_markets_are_there() -> None:
    """By their names; one that an exchange lacks is refused with those that it has."""
    assert driver_of(ExchangeConfig("bybit")) is DRIVERS["bybit", "spot"] is SPOT
    assert driver_of(ExchangeConfig("bybit", market="linear")) is LINEAR
    with pytest.raises(ValidationError, match="binance has spot"):
        driver_of(ExchangeConfig("binance", market="linear"))
    with pytest.raises(ValidationError, match="bybit has linear, spot"):
        driver_of(ExchangeConfig("bybit", market="inverse"))


def test_urls() -> None:
    """Each market has a path of its own; a configuration's bases go first."""
    assert SPOT.urls(ExchangeConfig("bybit")) == Urls(
        "https://api.bybit.com",
        "wss://stream.bybit.com",
        "/v5/public/spot",
        "wss://stream.bybit.com",
    )
    assert LINEAR.urls(ExchangeConfig("bybit", market="linear", testnet=True)) == Urls(
        "https://api-testnet.bybit.com", "wss://stream-testnet.bybit.com", "/v5/public/linear"
    )
    own = ExchangeConfig("bybit", rest_url="http://127.0.0.1:1", stream_url="ws://127.0.0.1:1")
    base = "ws://127.0.0.1:1"
    assert SPOT.urls(own) == Urls("http://127.0.0.1:1", base, "/v5/public/spot", base)
    elsewhere = ExchangeConfig("bybit", ws_api_url="wss://stream-demo.bybit.com")
    assert SPOT.urls(elsewhere).account == "wss://stream-demo.bybit.com"


def test_limits() -> None:
    """As documented; a session's streams fit into its characters."""
    for driver, names in ((SPOT, 10), (LINEAR, 100)):
        limits = driver.limits
        assert (limits.names, limits.characters) == (names, 21_000)
        assert (limits.burst, limits.burst_period) == (600, 5.0)
        assert (limits.weight, limits.weight_period) == (7200, 60.0)
        assert (limits.dials, limits.dial_period) == (500, 300.0)
        assert limits.streams * len("orderbook.1000.1000000BABYDOGEUSDT") < 21_000


def test_rules() -> None:
    """How ids follow each other."""
    for driver in (SPOT, LINEAR):
        assert driver.rules == {
            Channel.TRADES: Rule.UNIQUE,
            Channel.BOOK_TICKER: Rule.WHOLE,
            Channel.ORDER_BOOK_UPDATES: Rule.DELTAS,
        }
        assert driver.snapshots == ()
        trades = 60 if driver is SPOT else 1000
        assert driver.past == {Channel.KLINES: 1000, Channel.TRADES: trades}
        assert set(driver.probes) <= set(Channel)
