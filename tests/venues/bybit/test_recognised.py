"""What is recognised at once is what a careful look would have found."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange_connector.messages.market import MarketEvent
from exchange_connector.venues.driver import MalformedError, StreamDecoder

CaseOf = Callable[[str], Any]

SOME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
NAMES = [
    *("spot-trades", "linear-trades", "spot-book_ticker", "linear-updates"),
    *("spot-ticker", "spot-klines"),
]


@pytest.fixture(params=NAMES)
def case(request: pytest.FixtureRequest, case_of: CaseOf) -> Any:
    """Those of which frames can be recognised: all but linear tickers."""
    return case_of(request.param)


def learned(case: Any) -> StreamDecoder:
    """A decoder that has seen its frame."""
    decoder: StreamDecoder = case.decoder
    decoder.decode(case.frame, 1)
    assert decoder.recognise(case.frame, 1) == decoder.decode(case.frame, 1)
    return decoder


def careful(case: Any, frame: bytes, received: int) -> MarketEvent | None:
    """What a decoder that has seen nothing makes of a frame."""
    try:
        event = case.decoder.decode(frame, received)
    except MalformedError:
        return None
    assert isinstance(event, MarketEvent)
    return event


def same(one: MarketEvent, other: MarketEvent) -> bool:
    """To the digit, and all of it readable."""
    return one == other and repr(one) == repr(other)


@SOME
@given(data=st.data())
def test_any_frame_is_recognised_as_what_it_is_or_not_at_all(
    case: Any, received: int, data: st.DataObject
) -> None:
    """Some bytes of a good frame are cut out, doubled or replaced."""
    decoder = learned(case)
    frame = bytearray(case.frame)
    for _ in range(data.draw(st.integers(1, 3))):
        begin = data.draw(st.integers(0, len(frame)))
        end = data.draw(st.integers(begin, min(begin + 6, len(frame))))
        odd = st.sampled_from([b"", b"1", b"00", b".", b'"', b"9" * 30, b"-", b"e", b" "])
        frame[begin:end] = data.draw(
            odd | st.binary(max_size=3) | st.just(bytes(frame[begin:end]) * 2)
        )
    event = decoder.recognise(bytes(frame), received)
    if event is not None:
        found = careful(case, bytes(frame), received)
        if found is None:  # a point may stand before all digits of a number, or behind them
            assert b'".' in frame or b'."' in frame
            assert repr(event)
        else:
            assert same(event, found)


@pytest.mark.parametrize("number", ["", ".", "1e5", "NaN", "00.10", "1" * 400 + ".5"])
def test_what_a_number_is(case: Any, received: int, number: str) -> None:
    """Texts without a digit are none; any number of digits is one."""
    decoder = learned(case)
    outcomes: set[bool] = set()
    for text in (
        b'"1923.28"',
        b'"16578.50"',
        b'"0.6131"',
        b'"30247.20"',
        b'"21109.77"',
        b'"2.081"',
    ):
        frame = case.frame.replace(text, b'"' + number.encode() + b'"', 1)
        if frame != case.frame:
            event, found = decoder.recognise(frame, received), careful(case, frame, received)
            assert event is None or (found is not None and same(event, found))
            outcomes.add(event is not None)
    assert outcomes == {number[-2:] in ("10", ".5")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *((b'"BTCUSDT"', b'"BTC1USDT"'), (b'"snapshot"', b'"snapshot1"'), (b'"delta"', b'"d"')),
        *((b'"Sell"', b'"sell"'), (b'"Buy"', b'"Both"'), (b'"interval":"5"', b'"interval":"15"')),
        *((b'"u":24042997', b'"u":99999999999999999999'), (b'"u":177400507', b'"u":-1')),
        *((b'"T":1672504486865', b'"T":'), (b'"cts":1749833474768', b'"cts":"1749833474768"')),
        *((b'"i":"20f43950', b'"i":"\xff20f43950'), (b'"p":', b'"p1":'), (b'"seq":', b'"seq1":')),
        *((b'"start":1672324800000', b'"start":1672325800000'), (b"kline.5.", b"kline.15.")),
    ],
)
def test_all_else_is_looked_at_also_then(old: bytes, new: bytes, case: Any, received: int) -> None:
    """Digits are no part of a shape, and an id of letters has none."""
    frame = case.frame.replace(old, new)
    if frame != case.frame:
        assert learned(case).recognise(frame, received) is None


def test_a_field_that_nobody_knows_is_not_learned(case: Any, received: int) -> None:
    """So that each such frame is counted."""
    decoder = case.decoder
    frame = msgspec.json.encode({**case.content, "new": 1})
    for count in (1, 2, 3):
        decoder.decode(frame, received)
        assert decoder.drifted == count


def test_trades_need_no_learning(case_of: CaseOf, received: int) -> None:
    """Their ids have letters: no two frames have one shape. All of a frame is looked at."""
    for name in ("spot-trades", "linear-trades"):
        case = case_of(name)
        event = case.decoder.recognise(case.frame, received)
        assert same(event, case.decoder.decode(case.frame, received))


def test_a_snapshot_amid_deltas_is_learned_anew(case_of: CaseOf, received: int) -> None:
    """One frame each time."""
    case = case_of("linear-updates")
    decoder = learned(case)
    snapshot = msgspec.json.encode({**case.content, "type": "snapshot"})
    assert decoder.recognise(snapshot, received) is None
    assert decoder.decode(snapshot, received).is_snapshot  # type: ignore[union-attr]
    assert decoder.recognise(snapshot, received) is not None
    event: Any = decoder.decode(case.frame, received)
    assert not event.is_snapshot
    assert decoder.recognise(case.frame, received) == event


@pytest.mark.parametrize("reads", [True, False])
def test_levels_that_are_always_read_come_as_values(reads: bool, case_of: CaseOf) -> None:
    """Others stay unread."""
    case = case_of("linear-updates")
    decoder, came = case.decoder, 0
    for _ in range(3_000):
        event: Any = decoder.decode(case.frame, 1)
        came += event.bids.is_read and event.asks.is_read
        if reads:
            assert next(iter(event.bids)) == (Decimal("30247.20"), Decimal("30.028"))
            assert len(tuple(event.asks)) == 1
    assert (came > 1_500) if reads else (came == 0)
