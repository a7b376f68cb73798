"""Whatever comes, the outcome is an event that can be trusted or a `MalformedError`."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange_connector.messages.market import MarketEvent, OrderBook, OrderBookUpdate
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.driver import MalformedError

Decode = Callable[[Stream, object], MarketEvent]
FrameOf = Callable[[Stream, object], bytes]

NO_NUMBERS: list[Any] = [
    *("NaN", "sNaN", "Infinity", "-Infinity", "1e400000000", " 1", "1_000", "\u0661", "+1"),
    *(".5", "1.", "", "1.2.3", "0x1", "1,5", 1, 1.5, True, None, [], {}, ["1"]),
]
NO_IDS: list[Any] = [-1, 2**63, 10**30, 1.0, 1.5, "1", True, None, [], {}]
NO_TIMES: list[Any] = [*NO_IDS, 10**13, 99_999_999_999_999, 10**16]
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SOME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def changes(payload: dict[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Every field of a payload, where it stands, and the whole copied payload around it."""
    for name in payload:
        whole = copy.deepcopy(payload)
        yield name, whole, whole
    for name in payload.get("k", {}):
        whole = copy.deepcopy(payload)
        yield name, whole["k"], whole


def is_read(name: str, payload: dict[str, Any]) -> bool:
    """Whether a field's value becomes part of the event."""
    if "k" in payload:
        return name not in "fLVQB"
    return name not in ("wxOCFLnM" if payload.get("e") == "24hrTicker" else "M")


def test_no_field_takes_anything_else(
    stream: Stream, payload: dict[str, Any], decode: Decode
) -> None:
    """Numbers are texts of digits, ids and times are integers, switches are switches."""
    for name, place, whole in changes(payload):
        good = place[name]
        if not is_read(name, payload):
            continue
        bad: list[Any] = [None, [[]], {"a": 1}]
        match good:
            case bool():
                bad += [0, 1, "true"]
            case int():
                bad += NO_TIMES if name in "ETt" and good > 10**9 else NO_IDS
            case str() if good.lstrip("-")[0].isdigit() and name != "i":
                bad += NO_NUMBERS
            case list():
                bad += [[["1", value]] for value in NO_NUMBERS]
                bad += [[["1", "2", "3"]], [["1"]], ["1", "2"], [["-1", "1"]], "", {}]
            case _:
                bad += ["other", 1, True]
        for value in bad:
            place[name] = value
            with pytest.raises(MalformedError):
                decode(stream, whole)


def test_no_field_may_be_missing(stream: Stream, payload: dict[str, Any], decode: Decode) -> None:
    """Of those that are read."""
    for name, place, whole in changes(payload):
        if is_read(name, payload):
            del place[name]
            with pytest.raises(MalformedError):
                decode(stream, whole)


def test_another_symbol_is_refused(stream: Stream, payload: dict[str, Any], decode: Decode) -> None:
    """A frame that says it is of another symbol than its stream."""
    for name, place, whole in changes(payload):
        if name == "s":
            place[name] = "ETHBTC"
            with pytest.raises(MalformedError, match="ETHBTC"):
                decode(stream, whole)


def test_a_payload_must_not_contradict_itself(
    stream: Stream, payload: dict[str, Any], decode: Decode
) -> None:
    """A diff that ends before it begins, a candle that closes before it opens or is another's."""
    wrong: list[dict[str, Any]] = []
    if "U" in payload:
        wrong = [{**payload, "U": payload["u"] + 1}]
    if "k" in payload:
        candle = payload["k"]
        wrong = [
            {**payload, "k": {**candle, **odd}} for odd in ({"t": candle["T"] + 1}, {"i": "5m"})
        ]
    for each in wrong:
        with pytest.raises(MalformedError):
            decode(stream, each)


def test_a_frame_that_is_none_is_refused(stream: Stream, received: int) -> None:
    """Broken, nested without end, or no JSON at all."""
    deep = b"[" * 100_000
    for frame in (
        *(b"", b" ", b"{}", b"[]", b"null", b"1", b'"x"', b"\x00", b"{", b'{"stream":"x"}'),
        *(b'{"stream":"x","data":null}', b'{"stream":"x","data":[]}', b'{"data":{}}'),
        *(deep, b'{"a":' * 100_000, b'{"stream":"x","data":' + deep, b'{"stream":' + deep),
        b'{"stream":"x","data":{"lastUpdateId":1,"bids":' + deep,
        b'{"stream":"x","data":{"u":' + b"9" * 10_000 + b"}}",
    ):
        with pytest.raises(MalformedError):
            DRIVER.decoder(stream).decode(frame, received)


def test_nothing_may_be_missing_at_the_end(
    stream: Stream, payload: dict[str, Any], frame_of: FrameOf, received: int
) -> None:
    """Nor may anything follow."""
    frame, decoder = frame_of(stream, payload), DRIVER.decoder(stream)
    for length in range(len(frame)):
        with pytest.raises(MalformedError):
            decoder.decode(frame[:length], received)
    for more in (b"x", b"}", frame):
        with pytest.raises(MalformedError):
            decoder.decode(frame + more, received)


def test_text_is_utf8_everywhere(
    stream: Stream, payload: dict[str, Any], frame_of: FrameOf, received: int
) -> None:
    """Also in what is not read: bytes that are no text say that the frame is damaged."""
    frame = frame_of(stream, {**payload, "new": "@"})
    for bad in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc0\x80"):
        for place in (frame.index(b'"@"') + 1, frame.index(b'"stream"') + 1):
            with pytest.raises(MalformedError, match="UTF-8"):
                DRIVER.decoder(stream).decode(frame[:place] + bad + frame[place:], received)


def test_what_is_wrong_is_said_in_short(stream: Stream, decode: Decode) -> None:
    """However long the frame is; and no other exception hangs on it."""
    with pytest.raises(MalformedError) as raised:
        decode(stream, {"x" * 100_000: 1})
    assert len(str(raised.value)) < 200
    assert raised.value.__context__ is None


@SOME
@given(data=st.data())
def test_mutated_bytes(
    stream: Stream, payload: dict[str, Any], frame_of: FrameOf, received: int, data: st.DataObject
) -> None:
    """Some bytes of a good frame are cut out, doubled or replaced."""
    frame = bytearray(frame_of(stream, payload))
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(frame)))
        end = data.draw(st.integers(begin, min(begin + 8, len(frame))))
        odd = st.sampled_from([b"e", b"-", b"+", b"_", b".", b" ", b'"', b"0", b"9" * 30, b"NaN"])
        frame[begin:end] = data.draw(
            odd | st.binary(max_size=4) | st.just(bytes(frame[begin:end]) * 2)
        )
    assert_trusted(stream, bytes(frame), received)


@SOME
@given(data=st.data())
def test_mutated_values(
    stream: Stream, payload: dict[str, Any], frame_of: FrameOf, received: int, data: st.DataObject
) -> None:
    """One field of a good payload holds anything at all."""
    name, place, whole = data.draw(st.sampled_from(list(changes(payload))))
    place[name] = data.draw(ODD)
    assert_trusted(stream, frame_of(stream, whole), received)


def assert_trusted(stream: Stream, frame: bytes, received: int) -> None:
    """The frame is refused, or every number in its event is one that stands in the frame."""
    try:
        event = DRIVER.decoder(stream).decode(frame, received)
    except MalformedError:
        return
    assert isinstance(event, MarketEvent)
    assert event.symbol == stream.symbol
    assert 0 <= event.event_time < 2**63
    for value in numbers(event):
        assert value.is_finite()
        shown = f"{value:f}".encode()
        assert shown.replace(b"-", b"").replace(b".", b"").isdigit()
        # Leading zeros are no digits of a `Decimal`; an escaped digit is one.
        assert re.search(rb'"-?0*' + re.escape(shown.lstrip(b"-0")), frame) or b"\\u" in frame


def numbers(event: MarketEvent) -> Iterator[Decimal]:
    """Every `Decimal` in an event."""
    for value in msgspec.structs.astuple(event):
        if isinstance(value, Decimal):
            yield value
    if isinstance(event, OrderBook | OrderBookUpdate):
        for level in (*event.bids, *event.asks):
            yield from level
