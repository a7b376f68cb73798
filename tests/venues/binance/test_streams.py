"""The streams of Binance: their names, commands, and what is no market data."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.sequence import Rule
from exchange_connector.messages.enums import Channel
from exchange_connector.messages.errors import ExchangeError, ValidationError
from exchange_connector.messages.requests import (
    Subscribe,
    SubscribeBookTicker,
    SubscribeKlines,
    SubscribeMarket,
    SubscribeOrderBook,
    SubscribeOrderBookUpdates,
    SubscribeTicker,
    SubscribeTrades,
)
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.binance.streams import INTERVALS
from exchange_connector.venues.control import Answered, DataFrame, Listed, Notice
from exchange_connector.venues.driver import MalformedError

Lines = Callable[[str], Iterator[dict[str, Any]]]


def name_of(request: SubscribeMarket) -> str:
    """The name on the wire of the stream that serves a subscription."""
    return DRIVER.stream_name(DRIVER.stream(request))


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (SubscribeTrades(symbol="BTCUSDT"), "btcusdt@trade"),
        (SubscribeTicker(symbol="btcusdt"), "btcusdt@ticker"),
        (SubscribeBookTicker(symbol="BtcUsdt"), "btcusdt@bookTicker"),
        (SubscribeKlines(symbol="BTCUSDT", interval="1m"), "btcusdt@kline_1m"),
        (SubscribeKlines(symbol="BTCUSDT", interval="1M"), "btcusdt@kline_1M"),
        (SubscribeOrderBookUpdates(symbol="BTCUSDT"), "btcusdt@depth@100ms"),
        (SubscribeTrades(symbol="币安USDT"), "币安usdt@trade"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_subscription_has_a_stream(request_: SubscribeMarket, name: str) -> None:
    """Symbols are in lower case in its name, and in upper case everywhere else."""
    assert name_of(request_) == name
    assert DRIVER.stream(request_).symbol == request_.symbol.upper()


@pytest.mark.parametrize("depth", [1, 20, 5000])
def test_books_of_all_depths_are_one(depth: int) -> None:
    """They are kept from the same updates."""
    stream = DRIVER.stream(SubscribeOrderBook(symbol="btcusdt", depth=depth))
    assert stream == Stream(Channel.ORDER_BOOK, "BTCUSDT")


@pytest.mark.parametrize("depth", [0, -1, 5001, True, 1.0, "5", None])
def test_no_book_is_deeper_than_the_deepest_snapshot(depth: Any) -> None:
    """Nor is there one of no depth."""
    with pytest.raises(ValidationError) as raised:
        DRIVER.stream(SubscribeOrderBook(symbol="BTCUSDT", depth=depth))
    assert raised.value.field == "depth"


@pytest.mark.parametrize(
    "symbol",
    ["", " ", "BTC USDT", "A@B", "A/B", "A\n", "\t", 'A"', "A\\", "\ud800", "X" * 65, 1, None],
)
def test_what_cannot_be_a_symbol_is_refused(symbol: Any) -> None:
    """Before anything is sent, and naming the field."""
    with pytest.raises(ValidationError) as raised:
        DRIVER.stream(SubscribeTrades(symbol=symbol))
    assert raised.value.field == "symbol"


@pytest.mark.parametrize("interval", ["", "1", "2m", "1H", "1D", "60", 1, None, ["1m"]])
def test_an_interval_is_in_the_exchanges_list(interval: Any) -> None:
    """Its spelling included: `1m` is a minute and `1M` a month."""
    with pytest.raises(ValidationError) as raised:
        DRIVER.stream(SubscribeKlines(symbol="BTCUSDT", interval=interval))
    assert raised.value.field == "interval"
    assert len(INTERVALS) == 16


def test_a_subscription_to_nothing_is_refused() -> None:
    """The message that all share names no channel."""
    with pytest.raises(ValidationError, match="channel"):
        DRIVER.stream(Subscribe(symbol="BTCUSDT"))  # type: ignore[arg-type,unused-ignore]


@given(st.text(min_size=1, max_size=80))
def test_any_text_is_a_symbol_or_refused(symbol: str) -> None:
    """Never another error; and what passes can be sent."""
    try:
        stream = DRIVER.stream(SubscribeTrades(symbol=symbol))
    except ValidationError as error:
        field = error.field
    else:
        field = "symbol"
        name = DRIVER.stream_name(stream)
        assert json.loads(DRIVER.command(1, True, (name,)))["params"] == [name]
        frame = json.dumps({"stream": name, "data": {}}).encode()
        assert DRIVER.control(frame) == DataFrame(name.encode())
    assert field == "symbol"


def test_a_command_names_its_streams() -> None:
    """As the documentation shows it."""
    names = ("btcusdt@aggTrade", "btcusdt@depth")
    assert json.loads(DRIVER.command(1, True, names)) == {
        "method": "SUBSCRIBE",
        "params": ["btcusdt@aggTrade", "btcusdt@depth"],
        "id": 1,
    }
    assert json.loads(DRIVER.command(312, False, names[:1])) == {
        "method": "UNSUBSCRIBE",
        "params": ["btcusdt@aggTrade"],
        "id": 312,
    }


REFUSED = ExchangeError(2, "Invalid request: unknown variant", exchange="binance")


@pytest.mark.parametrize(
    ("frame", "meaning"),
    [
        ('{"result":null,"id":1}', Answered(1)),
        ('{"id":7,"result":null}', Answered(7)),
        ('{"result":["btcusdt@trade"],"id":3}', Listed(3, ("btcusdt@trade",))),
        ('{"result":[],"id":4}', Listed(4, ())),
        ('{"result":true,"id":2}', Answered(2)),
        ('{"code":2,"msg":"Invalid request: unknown variant","id":1}', Answered(1, REFUSED)),
        (
            '{"error":{"code":2,"msg":"Invalid request: unknown variant"},"id":1}',
            Answered(1, REFUSED),
        ),
        ('{"e":"serverShutdown","E":1770123456789}', Notice("serverShutdown", is_ending=True)),
        (
            '{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
            Notice("serverShutdown", is_ending=True),
        ),
        ('{ "stream" : "bnbbtc@trade", "data": {"e":"trade"} }', DataFrame(b"bnbbtc@trade")),
        ('{"data":{"u":1},"stream":"币@bookTicker"}', DataFrame("币@bookTicker".encode())),
    ],
)
def test_other_frames_have_a_meaning(frame: str, meaning: object) -> None:
    """Answers to commands, notices, and market data that is written in another way."""
    assert DRIVER.control(frame.encode()) == meaning


@pytest.mark.parametrize(
    "frame", ['{"code":2,"msg":"x"}', '{"error":{"code":3,"msg":"x"},"id":null}']
)
def test_a_refusal_of_nothing_in_particular_is_a_notice(frame: str) -> None:
    """The exchange could not even read to which command it belongs."""
    assert isinstance(DRIVER.control(frame.encode()), Notice)


@pytest.mark.parametrize(
    "frame",
    [
        *(b"", b"{}", b"[]", b"null", b"1", b"x", b'{"result":null}', b'{"id":1}', b"\xff"),
        *(b'{"result":null,"id":"1"}', b'{"result":null,"id":null}', b'{"result":null,"id":1.5}'),
        *(b'{"result":null,"id":true}', b'{"error":"x","id":1}', b'{"code":"2","id":1}'),
        *(b'{"stream":1,"data":{}}', b'{"stream":"x","data":[]}', b'{"stream":"x"}'),
        *(b"[" * 100_000, b'{"id":1,"result":' + b"[" * 100_000, b'{"id":1,"result":null'),
        *(b'{"result":"\xff","id":1}', b'{"id":' + b"9" * 10_000 + b',"result":1}'),
    ],
    ids=lambda frame: ascii(frame[:24]),
)
def test_a_frame_without_meaning_is_refused(frame: bytes) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(MalformedError):
        DRIVER.control(frame)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_have_a_meaning_or_none(frame: bytes) -> None:
    """Never another error."""
    with contextlib.suppress(MalformedError):
        DRIVER.control(frame)


def test_documented_control_frames_are_understood(lines: Lines) -> None:
    """Every answer and notice on the page of the market streams."""
    meanings: list[object] = []
    for line in lines("docs/binance_ws_streams.jsonl"):
        frame = json.loads(line["raw"])
        if isinstance(frame, dict) and ("result" in frame or "Shutdown" in line["raw"]):
            meanings.append(DRIVER.control(line["raw"].encode()))
    assert meanings.count(Notice("serverShutdown", is_ending=True)) == 2
    assert {meaning.id for meaning in meanings if isinstance(meaning, Answered)} == {
        *(1, 312, 5, 2)
    }
    assert {meaning.id for meaning in meanings if isinstance(meaning, Listed)} == {3}


def test_data_frames_begin_as_expected() -> None:
    """The quick look finds the stream's name right behind the prefix."""
    frame = b'{"stream":"bnbbtc@trade","data":{}}'
    assert frame.startswith(DRIVER.frame_prefix)
    assert frame[len(DRIVER.frame_prefix) :].startswith(b'bnbbtc@trade"')


def test_the_rules_of_the_ids() -> None:
    """Candles and tickers carry none that could be followed."""
    consecutive = {Channel.TRADES, Channel.ORDER_BOOK_UPDATES}
    assert DRIVER.rules == {
        **dict.fromkeys(consecutive, Rule.CONSECUTIVE),
        Channel.BOOK_TICKER: Rule.INCREASING,
    }
