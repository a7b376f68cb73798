"""Mutated frames of the market streams: an event that can be used, or `MalformedError`."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from exchange_connector import decode, encode
from exchange_connector.messages.enums import Channel
from exchange_connector.messages.streams import Stream
from exchange_connector.venues import DRIVERS
from exchange_connector.venues.control import Answered, DataFrame, Listed, Notice
from exchange_connector.venues.driver import MalformedError

BINANCE = DRIVERS["binance", "spot"]
PAYLOADS: dict[Channel, list[bytes]] = {
    Channel.TRADES: [
        (
            b'{"e":"trade","E":1672515782136,"s":"BTCUSDT","t":12345,"p":"0.001","q":"100.00",'
            b'"T":1672515782136,"m":true,"M":true}'
        ),
    ],
    Channel.BOOK_TICKER: [
        (
            b'{"u":400900217,"s":"BTCUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000",'
            b'"A":"40.66000000"}'
        ),
    ],
    Channel.ORDER_BOOK_UPDATES: [
        (
            b'{"e":"depthUpdate","E":1672515782136,"s":"BTCUSDT","U":157,"u":160,'
            b'"b":[["0.0024","10"],["0.0023","0.00"]],"a":[["0.0026","100"]]}'
        ),
        (
            b'{"e":"depthUpdate","E":1672515782136,"s":"BTCUSDT","U":161,"u":161,"b":[],'
            b'"a":[["0.0026","100.5"]]}'
        ),
        b'{"e":"depthUpdate","E":1672515782136,"s":"BTCUSDT","U":161,"u":161,"b":[],"a":[]}',
    ],
    Channel.TICKER: [
        (
            b'{"e":"24hrTicker","E":1672515782136,"s":"BTCUSDT","p":"-0.0015","P":"250.00",'
            b'"w":"0.0018","x":"0.0009","c":"0.0025","Q":"10","b":"0.0024","B":"10","a":"0.0026",'
            b'"A":"100","o":"0.0010","h":"0.0025","l":"0.0010","v":"10000","q":"18","O":0,'
            b'"C":86400000,"F":0,"L":18150,"n":18151}'
        ),
    ],
    Channel.KLINES: [
        (
            b'{"e":"kline","E":1672515782136,"s":"BTCUSDT","k":{"t":1672515780000,'
            b'"T":1672515839999,"s":"BTCUSDT","i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020",'
            b'"h":"0.0025","l":"0.0015","v":"1000","n":100,"x":false,"q":"1.0000","V":"500",'
            b'"Q":"0.500","B":"123456"}}'
        ),
    ],
}


RECORDING = "binance_spot/cf_20211012_combined_4sym.jsonl.gz"


def stream_of(channel: Channel) -> Stream:
    """BTCUSDT's."""
    return Stream(channel, "BTCUSDT", interval="1m" if channel is Channel.KLINES else "")


def framed(channel: Channel) -> list[bytes]:
    """The frames as they come by a combined stream."""
    name = BINANCE.stream_name(stream_of(channel)).encode()
    return [b'{"stream":"' + name + b'","data":' + each + b"}" for each in PAYLOADS[channel]]


def outcome(decoder: Any, frame: bytes) -> Any:
    """The event, or the reason why there is none."""
    try:
        return decoder.decode(frame, 7)
    except MalformedError as error:
        reason = str(error)
    assert len(reason) < 400
    return None


def with_full_numbers(frame: bytes) -> bytes:
    """The frame with `.5` and `5.` written as `0.5` and `5`.

    What frames are recognised by does not tell where among a number's digits its point stands. To
    look would cost a sixth to a half of all recognising, and the value is the same either way.
    """
    return re.sub(
        rb'"(-?[0-9]+)\."', rb'"\1"', re.sub(rb'"(-?)\.([0-9]+)"', rb'"\g<1>0.\2"', frame)
    )


@pytest.mark.parametrize("channel", PAYLOADS)
def test_a_stream(channel: Channel, fuzz: Any, change: Any, recorded: Any) -> None:
    """A decoder that has seen everything says what a fresh one says, digit by digit."""
    stream = stream_of(channel)
    begin = '{"stream":"' + BINANCE.stream_name(stream).replace("btcusdt", "nknusdt")
    really = recorded(RECORDING, lambda line: line["raw"].startswith(begin))
    corpus = framed(channel) + [
        each.replace(b"nknusdt", b"btcusdt").replace(b"NKNUSDT", b"BTCUSDT") for each in really
    ]
    seasoned = BINANCE.decoder(stream)
    for frame in framed(channel) * 3:
        assert outcome(seasoned, frame) is not None

    def check(rng: random.Random) -> None:
        frame = change(corpus, rng)
        recognised: Any = seasoned.recognise(frame, 7)
        slow = outcome(BINANCE.decoder(stream), frame)
        if recognised is not None:
            if slow is None:
                slow = outcome(BINANCE.decoder(stream), with_full_numbers(frame))
            assert slow is not None, (frame, recognised)
            assert encode(recognised) == encode(slow), frame
        later = outcome(seasoned, frame)
        assert (later is None) == (slow is None), frame
        if later is not None:
            assert encode(later) == encode(slow), frame
            assert decode(encode(later)) == later
            assert later.symbol == "BTCUSDT"

    fuzz(check, 1000)


CONTROLS = [
    b'{"result":null,"id":1}',
    b'{"code":2,"msg":"Invalid request: unknown variant","id":1}',
    b'{"error":{"code":2,"msg":"Invalid request: unknown variant"},"id":1}',
    b'{"e":"serverShutdown","E":1770123456789}',
    b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
]


def test_a_refusal_with_a_huge_code_can_travel() -> None:
    """What mutations have found."""
    answer = BINANCE.control(b'{"error":{"code":' + b"9" * 40 + b',"msg":"no"},"id":1}')
    assert isinstance(answer, Answered)
    assert answer.error is not None
    assert decode(encode(answer.error)) == answer.error


def test_control_frames(fuzz: Any, change: Any) -> None:
    """An answer, a notice or market data with a name; or malformed."""
    corpus = CONTROLS + [frame for channel in PAYLOADS for frame in framed(channel)]

    def check(rng: random.Random) -> None:
        frame = change(corpus, rng)
        try:
            control: Any = BINANCE.control(frame)
        except MalformedError as error:
            control = str(error)
        match control:
            case str():
                assert len(control) < 400
            case Answered(id=number):
                assert isinstance(number, int)
                if control.error is not None:
                    assert decode(encode(control.error)) == control.error
            case Listed(names=names):
                assert all(isinstance(name, str) for name in names)
            case DataFrame(name=name):
                assert isinstance(name, bytes)
            case _:
                assert isinstance(control, Notice)
                assert isinstance(control.text, str)

    fuzz(check, 1000)
