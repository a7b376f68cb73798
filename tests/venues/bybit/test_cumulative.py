"""Linear tickers: what is not said has not changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from exchange_connector.messages.enums import Channel
from exchange_connector.messages.market import Ticker
from exchange_connector.venues.bybit import LINEAR, SPOT
from exchange_connector.venues.driver import LacksWholeError, MalformedError, StreamDecoder

BEGAN, CS = 1786310818834, 340051121752
MINUTE = 60_000


@pytest.fixture
def case(case_of: Callable[[str], Any]) -> Any:
    """The linear ticker's snapshot."""
    return case_of("linear-ticker")


@pytest.fixture
def decoder(case: Any) -> StreamDecoder:
    """One that has seen the snapshot."""
    decoder: StreamDecoder = case.decoder
    assert isinstance(decoder.decode(case.frame, 1), Ticker)
    return decoder


def told(ts: int, cs: int, type: str = "delta", **changes: Any) -> bytes:
    """A frame, some milliseconds after the snapshot."""
    data = {"symbol": "BTCUSDT", **changes}
    topic = "tickers.BTCUSDT"
    content = {"topic": topic, "type": type, "data": data, "cs": CS + cs, "ts": BEGAN + ts}
    return msgspec.json.encode(content)


def snapshot(ts: int, cs: int, price: str) -> bytes:
    """A snapshot with little in it."""
    return told(ts, cs, "snapshot", lastPrice=price)


def test_the_drivers_say_so() -> None:
    """Only linear tickers are cumulative."""
    assert LINEAR.cumulative == {Channel.TICKER}
    assert SPOT.cumulative == frozenset()


def test_no_frame_is_understood_by_itself(case: Any, decoder: StreamDecoder) -> None:
    """So none is recognised, however often it was seen."""
    assert decoder.recognise(case.frame, 1) is None
    decoder.decode(told(1, 1, lastPrice="1"), 1)
    assert decoder.recognise(told(2, 2, lastPrice="1"), 1) is None


def test_a_delta_changes_what_it_names(case: Any, decoder: StreamDecoder) -> None:
    """All else stays, and the time is its own."""
    before: Any = case.decode(case.content)
    after: Any = decoder.decode(told(400, 9, ask1Price="0.07055", price24hPcnt="0.5"), 7)
    changed = {"ask_price": "0.07055", "price_change_percent": "50.0"}
    for name in Ticker.__struct_fields__[4:]:
        assert str(getattr(after, name)) == changed.get(name, str(getattr(before, name)))
    assert (after.event_time, after.received_time) == ((BEGAN + 400) * 1_000_000, 7)


def test_what_is_empty_is_nothing(decoder: StreamDecoder) -> None:
    """As before a market opens; a ticker without a last price is none."""
    event: Any = decoder.decode(told(1, 1, bid1Price="", bid1Size=""), 1)
    assert (event.bid_price, event.bid_quantity) == (None, None)
    assert event.ask_price is not None
    with pytest.raises(MalformedError, match="last price"):
        decoder.decode(told(2, 2, lastPrice=""), 1)


def test_a_delta_before_any_snapshot_is_not_enough(case: Any) -> None:
    """It is no error, and no event."""
    decoder = case.decoder
    with pytest.raises(LacksWholeError):
        decoder.decode(told(1, 1, lastPrice="1"), 1)
    assert isinstance(decoder.decode(case.frame, 1), Ticker)
    with pytest.raises(MalformedError):
        case.decoder.decode(told(1, 1, lastPrice="x"), 1)


def test_a_snapshot_is_all_that_there_is(decoder: StreamDecoder) -> None:
    """What it lacks is not known any more."""
    event: Any = decoder.decode(snapshot(5, 5, "3"), 1)
    assert str(event.last_price) == "3"
    assert event.bid_price is event.volume is event.price_change_percent is None


@pytest.mark.parametrize(("ts", "cs"), [(-1, -1), (0, 0), (0, -1), (-1, 1), (-MINUTE, 0)])
def test_what_is_older_changes_nothing(ts: int, cs: int, decoder: StreamDecoder) -> None:
    """A new connection begins with a snapshot, and repeats deltas."""
    assert decoder.decode(snapshot(ts, cs, "3"), 1) == ()
    assert decoder.decode(told(ts, cs, lastPrice="3"), 1) == ()
    event: Any = decoder.decode(told(1, 2, bid1Size="8"), 1)
    assert str(event.last_price) == "0.07053"


def test_two_deltas_of_one_millisecond_are_two(decoder: StreamDecoder) -> None:
    """Where the cross sequence tells them apart, or does not exist."""
    assert decoder.decode(told(0, 1, lastPrice="1"), 1) != ()
    assert decoder.decode(told(0, 1, lastPrice="1"), 1) == ()
    assert decoder.decode(told(0, 2, lastPrice="2"), 1) != ()
    assert decoder.decode(told(0, -CS, lastPrice="3"), 1) != ()


def test_a_snapshot_from_long_before_begins_anew(decoder: StreamDecoder) -> None:
    """The exchange's clock was set; a delta from then proves nothing."""
    assert decoder.decode(told(-2 * MINUTE, 1, lastPrice="9"), 1) == ()
    event: Any = decoder.decode(snapshot(-MINUTE - 1, 1, "9"), 1)
    assert str(event.last_price) == "9"
    assert decoder.decode(told(-MINUTE, 2, lastPrice="10"), 1) != ()


@pytest.mark.parametrize(
    "bad",
    [
        b"{",
        b"\xff",
        told(1, 1, lastPrice="1e5"),
        told(1, 1, lastPrice="-1"),
        told(1, 1, lastPrice=1),
        told(1, 1, lastPrice=None),
        told(1, 1, price24hPcnt="NaN"),
        told(1, 1, symbol="ETHUSDT"),
        told(1, 1, "other"),
        told(2**62, 1),
        told(-BEGAN - 1, 1),
        told(1, -CS - 1),
        told(-1, -1, lastPrice="x"),
    ],
)
def test_after_what_cannot_be_read_a_snapshot_is_waited_for(
    bad: bytes, decoder: StreamDecoder
) -> None:
    """It may have changed anything."""
    with pytest.raises(MalformedError) as raised:
        decoder.decode(bad, 1)
    assert len(str(raised.value)) < 200
    assert raised.value.__context__ is None
    with pytest.raises(LacksWholeError):
        decoder.decode(told(3, 3, lastPrice="1"), 1)
    assert decoder.decode(snapshot(4, 4, "1"), 1) != ()
    assert decoder.drifted == 0


def test_a_new_field_is_counted(decoder: StreamDecoder) -> None:
    """Whether or not the frame is news."""
    assert decoder.decode(told(1, 1, new=1), 1) != ()
    assert decoder.decode(told(1, 1, new=1), 1) == ()
    assert decoder.drifted == 2
