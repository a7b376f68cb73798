"""Whatever comes, the outcome is events that can be trusted or a `MalformedError`."""

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

from exchange_connector.messages.market import MarketEvent, OrderBookUpdate
from exchange_connector.venues.driver import MalformedError

CaseOf = Callable[[str], Any]

NO_NUMBERS: list[Any] = [
    *("NaN", "sNaN", "Infinity", "-Infinity", "1e400000000", " 1", "1_000", "\u0661", "+1"),
    *(".5", "1.", "1.2.3", "0x1", "1,5", 1, 1.5, True, None, [], {}, ["1"]),
]
NO_IDS: list[Any] = [-1, 2**63, 10**30, 1.0, 1.5, "1", True, None, [], {}]
NO_TIMES: list[Any] = [*NO_IDS, 10**13, 99_999_999_999_999, 10**16]
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SOME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

UNREAD = {
    *("L", "BT", "RPI", "seq", "cs", "usdIndexPrice", "tickDirection", "prevPrice1h", "markPrice"),
    *("indexPrice", "openInterest", "openInterestValue", "singleOpenInterest", "nextFundingTime"),
    *("singleOpenInterestValue", "fundingRate", "fundingIntervalHour", "fundingCap"),
    *("preOpenPrice", "preQty", "curPreListingPhase"),
}
TIMES = {"ts", "cts", "T", "start", "end", "timestamp"}


def data_of(content: dict[str, Any]) -> dict[str, Any]:
    """The payload, or the first of them."""
    data = content["data"]
    found: dict[str, Any] = data[0] if isinstance(data, list) else data
    return found


def changes(content: dict[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Every field of a frame, where it stands, and the whole copied frame around it."""
    for name in content:
        whole = copy.deepcopy(content)
        yield name, whole, whole
    for name in data_of(content):
        whole = copy.deepcopy(content)
        yield name, data_of(whole), whole


def is_read(name: str, content: dict[str, Any]) -> bool:
    """Whether a field's value becomes part of the event; the topic is known by who is asked."""
    if name == "topic":
        return str(content["topic"]).startswith("kline")
    if name == "ts":  # where there is a better time, only its type is looked at
        return "cts" not in content and "timestamp" not in data_of(content)
    return name not in UNREAD


def test_no_field_takes_anything_else(case: Any) -> None:
    """Numbers are texts of digits, ids and times are integers, switches are switches."""
    for name, place, whole in changes(case.content):
        good = place[name]
        if not is_read(name, case.content):
            continue
        # A book may have been sent without the engine's time.
        bad: list[Any] = [[[]], {"a": 1}] if name == "cts" else [None, [[]], {"a": 1}]
        match good:
            case bool():
                bad += [0, 1, "true"]
            case int() if name in TIMES:
                bad += [each for each in NO_TIMES if each is not None and each != 10**13]
            case int():
                bad += NO_IDS
            case str() if name == "i":
                bad += ["", "x" * 65, 1]
            case str() if good.lstrip("-")[0].isdigit() and name != "interval":
                bad += NO_NUMBERS
            case list() if name != "data":
                bad += [[["1", value]] for value in NO_NUMBERS]
                bad += [[["1", "2", "3"]], [["1"]], ["1", "2"], [["-1", "1"]], "", {}]
            case _:
                bad += ["other", 1, True]
        for value in bad:
            place[name] = value
            with pytest.raises(MalformedError):
                case.decode(whole)


def test_no_field_may_be_missing(case: Any) -> None:
    """Of those that are read; a linear ticker may leave out what has not changed."""
    is_delta = case.stream.channel == "ticker" and case.driver.cumulative
    for name, place, whole in changes(case.content):
        if is_read(name, case.content) and name != "cts":
            if is_delta and place is not whole and name not in ("symbol", "lastPrice"):
                continue
            del place[name]
            with pytest.raises(MalformedError):
                case.decode(whole)


def test_another_symbol_is_refused(case: Any) -> None:
    """A frame that says it is of another symbol than its stream."""
    for name, place, whole in changes(case.content):
        if name in ("s", "symbol"):
            place[name] = "ETHUSDT"
            with pytest.raises(MalformedError, match="ETHUSDT"):
                case.decode(whole)


@pytest.mark.parametrize(
    ("topic", "candle"),
    [
        ("kline.5.ETHUSDT", {}),
        ("kline.1.BTCUSDT", {}),
        ("kline.5.BTCUSDT", {"interval": "1"}),
        ("kline.5.BTCUSDT", {"start": 1672325100000}),
    ],
)
def test_a_candle_must_not_contradict_its_stream_or_itself(
    topic: str, candle: dict[str, Any], case_of: CaseOf
) -> None:
    """Only its topic has the symbol."""
    case = case_of("spot-klines")
    content = case.content
    content["topic"] = topic
    content["data"][0].update(candle)
    with pytest.raises(MalformedError):
        case.decode(content)


@pytest.mark.parametrize("name", ["spot-book_ticker", "spot-trades", "spot-ticker", "spot-klines"])
def test_there_are_only_snapshots(name: str, case_of: CaseOf) -> None:
    """What a delta of these would mean nobody has said."""
    with pytest.raises(MalformedError):
        case_of(name).decode({**case_of(name).content, "type": "delta"})


def test_a_best_level_is_one(case_of: CaseOf) -> None:
    """Two would say that the topic means something else."""
    content = case_of("spot-book_ticker").content
    content["data"]["b"] *= 2
    with pytest.raises(MalformedError):
        case_of("spot-book_ticker").decode(content)


def test_a_frame_that_is_none_is_refused(case: Any, received: int) -> None:
    """Broken, nested without end, or no JSON at all."""
    deep = b"[" * 100_000
    for frame in (
        *(b"", b" ", b"{}", b"[]", b"null", b"1", b'"x"', b"\x00", b"{", b'{"topic":"x"}'),
        *(b'{"topic":"x","data":null}', b'{"topic":"x","data":[]}', b'{"data":{}}'),
        *(deep, b'{"a":' * 100_000, b'{"topic":"x","data":' + deep, b'{"topic":' + deep),
        b'{"topic":"x","ts":' + b"9" * 10_000 + b"}",
    ):
        with pytest.raises(MalformedError):
            case.decoder.decode(frame, received)


def test_nothing_may_be_missing_at_the_end(case: Any, received: int) -> None:
    """Nor may anything follow."""
    frame, decoder = case.frame, case.decoder
    for length in range(len(frame)):
        with pytest.raises(MalformedError):
            decoder.decode(frame[:length], received)
    for more in (b"x", b"}", frame):
        with pytest.raises(MalformedError):
            decoder.decode(frame + more, received)


def test_text_is_utf8_everywhere(case: Any, received: int) -> None:
    """Also in what is not read: bytes that are no text say that the frame is damaged."""
    frame = msgspec.json.encode({**case.content, "new": "@"})
    for bad in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc0\x80"):
        for place in (frame.index(b'"@"') + 1, frame.index(b'"topic"') + 1):
            with pytest.raises(MalformedError, match="UTF-8"):
                case.decoder.decode(frame[:place] + bad + frame[place:], received)


def test_what_is_wrong_is_said_in_short(case: Any) -> None:
    """However long the frame is; and no other exception hangs on it."""
    with pytest.raises(MalformedError) as raised:
        case.decode({"x" * 100_000: 1})
    assert len(str(raised.value)) < 200
    assert raised.value.__context__ is None


@SOME
@given(data=st.data())
def test_mutated_bytes(case: Any, received: int, data: st.DataObject) -> None:
    """Some bytes of a good frame are cut out, doubled or replaced."""
    frame = bytearray(case.frame)
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(frame)))
        end = data.draw(st.integers(begin, min(begin + 8, len(frame))))
        odd = st.sampled_from([b"e", b"-", b"+", b"_", b".", b" ", b'"', b"0", b"9" * 30, b"NaN"])
        frame[begin:end] = data.draw(
            odd | st.binary(max_size=4) | st.just(bytes(frame[begin:end]) * 2)
        )
    assert_trusted(case, bytes(frame), received)


@SOME
@given(data=st.data())
def test_mutated_values(case: Any, received: int, data: st.DataObject) -> None:
    """One field of a good frame holds anything at all."""
    _, place, whole = data.draw(st.sampled_from(list(changes(case.content))))
    name = data.draw(st.sampled_from(list(place)))
    place[name] = data.draw(ODD)
    assert_trusted(case, msgspec.json.encode(whole), received)


def assert_trusted(case: Any, frame: bytes, received: int) -> None:
    """The frame is refused, or every number in its events is one that stands in the frame."""
    try:
        decoded = case.decoder.decode(frame, received)
    except MalformedError:
        return
    for event in decoded if isinstance(decoded, tuple) else (decoded,):
        assert isinstance(event, MarketEvent)
        assert event.symbol == case.stream.symbol
        assert 0 <= event.event_time < 2**63
        for value in numbers(event):
            assert value.is_finite()
            shown = f"{value:f}".encode()
            assert shown.replace(b"-", b"").replace(b".", b"").isdigit()
            # Leading zeros are no digits of a `Decimal`; an escaped digit is one; a side may be empty.
            assert (
                not value
                or re.search(rb'"-?0*' + re.escape(shown.lstrip(b"-0")), frame)
                or b"\\u" in frame
            )


def numbers(event: MarketEvent) -> Iterator[Decimal]:
    """Every `Decimal` in an event, save the one that is computed."""
    for name, value in msgspec.structs.asdict(event).items():
        if isinstance(value, Decimal) and name != "price_change_percent":
            yield value
    if isinstance(event, OrderBookUpdate):
        for level in (*event.bids, *event.asks):
            yield from level
