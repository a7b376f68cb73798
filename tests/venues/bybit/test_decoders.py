"""What the market streams carry, digit by digit."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from exchange_connector.messages.enums import Side
from exchange_connector.messages.levels import PriceLevel
from exchange_connector.messages.market import (
    BookTicker,
    Kline,
    MarketEvent,
    OrderBookUpdate,
    Ticker,
    Trade,
)
from exchange_connector.venues.driver import MalformedError

CaseOf = Callable[[str], Any]

D = Decimal
MS = 1_000_000


def timed(milliseconds: int, received: int) -> tuple[str, str, int, int]:
    """What every event begins with."""
    return "bybit", "BTCUSDT", milliseconds * MS, received


def expected(received: int) -> dict[str, MarketEvent]:
    """The event in each frame."""
    return {
        "spot-trades": Trade(
            *timed(1786310821917, received),
            *("2280000001739247417", D("1923.28"), D("0.04537"), Side.SELL),
            1786310821916 * MS,
        ),
        "linear-trades": Trade(
            *timed(1672304486868, received),
            *("20f43950-d8dd-5b31-9112-a178eb6023af", D("16578.50"), D("0.001"), Side.BUY),
            1672304486865 * MS,
        ),
        "spot-book_ticker": BookTicker(
            *timed(1749833474768, received),
            24042997,
            *(D("0.6131"), D("17.90"), D("0.6134"), D("35.4")),
        ),
        "linear-updates": OrderBookUpdate(
            *timed(1687940967464, received),
            *(177400507, 177400507),
            (PriceLevel(D("30247.20"), D("30.028")), PriceLevel(D("30240.00"), D("0"))),
            (PriceLevel(D("30248.70"), D("0.00")),),
        ),
        "spot-ticker": Ticker(
            *timed(1673853746003, received),
            last_price=D("21109.77"),
            open_price=D("20704.93"),
            high_price=D("21426.99"),
            low_price=D("20575"),
            volume=D("6780.866843"),
            quote_volume=D("141946527.22907118"),
            price_change_percent=D("-1.9600"),
        ),
        "linear-ticker": Ticker(
            *timed(1786310818834, received),
            last_price=D("0.07053"),
            bid_price=D("0.07053"),
            bid_quantity=D("307807"),
            ask_price=D("0.07054"),
            ask_quantity=D("16396"),
            open_price=D("0.07102"),
            high_price=D("0.07105"),
            low_price=D("0.06980"),
            volume=D("514463831.0000"),
            quote_volume=D("36155543.3714"),
            price_change_percent=D("-0.689900"),
        ),
        "spot-klines": Kline(
            *timed(1672324988882, received),
            *("5m", 1672324800000 * MS, 1672325099999 * MS),
            *(D("16649.5"), D("16677.0"), D("16608"), D("16677"), D("2.081"), D("34666.4005")),
            None,
            False,
        ),
    }


@pytest.mark.parametrize("name", expected(0))
def test_a_frame_becomes_its_event(name: str, case_of: CaseOf, received: int) -> None:
    """Every field, with the digits that were sent."""
    case = case_of(name)
    event, wanted = case.decoder.decode(case.frame, received), expected(received)[name]
    # Compared as text too: 0.00 equals 0 as a number, but has other digits.
    assert (event, repr(event)) == (wanted, repr(wanted))


def test_white_space_does_not_matter(case: Any, received: int) -> None:
    """Nor does the order of the fields."""
    event = case.decoder.decode(case.frame, received)
    assert case.decoder.decode(msgspec.json.format(case.frame, indent=4), received) == event
    content = case.content
    mixed = dict(reversed(content.items()))
    if isinstance(content["data"], dict):
        mixed["data"] = dict(reversed(content["data"].items()))
    assert case.decode(mixed) == event


def test_a_new_field_is_counted_and_left_out(case: Any, received: int) -> None:
    """Beside the payload, or within it."""
    content, decoder = case.content, case.decoder
    known = case.decode(content)
    assert decoder.decode(case.frame, received) == known
    assert decoder.drifted == 0
    data = content["data"]
    within = [{**data[0], "new": [1]}] if isinstance(data, list) else {**data, "new": [1]}
    odd_ones: list[dict[str, Any]] = [{**content, "data": within}, {**content, "new": None}]
    for count, odd in enumerate(odd_ones, 1):
        decoder.decode(msgspec.json.encode(odd), received)
        assert decoder.drifted == count
        assert case.decode(odd) == known


def test_several_trades_come_in_one_frame(case_of: CaseOf, received: int) -> None:
    """In their order; the frame is not recognised, since what is recognised is one event."""
    for name in ("spot-trades", "linear-trades"):
        case = case_of(name)
        content = case.content
        (one,) = content["data"]
        content["data"] = [{**one, "i": f"{number}"} for number in range(1024)]
        decoder = case.decoder
        frame = msgspec.json.encode(content)
        for _ in range(2):
            events = decoder.decode(frame, received)
            assert isinstance(events, tuple)
            assert [event.trade_id for event in events] == [str(number) for number in range(1024)]
            assert {event.event_time for event in events} == {content["ts"] * MS}
            assert decoder.recognise(frame, received) is None
        assert case.decode({**content, "data": []}) == ()


def test_one_bad_trade_spoils_its_frame(case_of: CaseOf) -> None:
    """Nothing of it is told: what is told is true, and nothing is lost in silence."""
    content = case_of("linear-trades").content
    (one,) = content["data"]
    content["data"] = [one, {**one, "p": "1e5"}]
    with pytest.raises(MalformedError, match="not a number"):
        case_of("linear-trades").decode(content)


def test_a_candle_that_ends_comes_with_the_next(case_of: CaseOf, received: int) -> None:
    """Both in one frame, as it was recorded."""
    case = case_of("spot-klines")
    content = case.content
    (one,) = content["data"]
    following = {**one, "start": one["end"] + 1, "end": one["end"] + 300_000, "volume": "0"}
    content["data"] = [{**one, "confirm": True}, following]
    decoder, frame = case.decoder, msgspec.json.encode(content)
    for _ in range(2):
        closed, opened = decoder.decode(frame, received)
        assert (closed.is_closed, opened.is_closed) == (True, False)
        assert closed.close_time + MS == opened.open_time
        assert decoder.recognise(frame, received) is None


def test_a_side_without_orders_is_nothing(case_of: CaseOf) -> None:
    """A book ticker has no other way to say it."""
    case = case_of("spot-book_ticker")
    content = case.content
    content["data"]["b"] = []
    event = case.decode(content)
    assert (event.bid_price, event.bid_quantity, event.ask_price) == (0, 0, D("0.6134"))


@pytest.mark.parametrize("name", ["spot-book_ticker", "linear-updates"])
def test_without_the_engine_s_time_it_is_the_sender_s(name: str, case_of: CaseOf) -> None:
    """`cts` is not in every frame that was ever seen."""
    content = case_of(name).content
    del content["cts"]
    assert case_of(name).decode(content).event_time == content["ts"] * MS


def test_a_snapshot_says_so(case_of: CaseOf) -> None:
    """A delta does not."""
    case = case_of("linear-updates")
    assert not case.decode(case.content).is_snapshot
    assert case.decode({**case.content, "type": "snapshot"}).is_snapshot


def test_a_percentage_is_exact_whatever_the_context(case_of: CaseOf) -> None:
    """The user's decimal context is the user's."""
    with decimal.localcontext(decimal.Context(prec=2)):
        for name in ("spot-ticker", "linear-ticker"):
            content = case_of(name).content
            content["data"]["price24hPcnt"] = "0.123456789"
            assert str(case_of(name).decode(content).price_change_percent) == "12.345678900"


def test_a_change_that_cannot_be_told_exactly_is_refused(case_of: CaseOf) -> None:
    """It has more digits than anything has."""
    for name in ("spot-ticker", "linear-ticker"):
        content = case_of(name).content
        content["data"]["price24hPcnt"] = "0." + "7" * 300
        with pytest.raises(MalformedError):
            case_of(name).decode(content)
