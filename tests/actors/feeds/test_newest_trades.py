"""Trades whose ids have no order: only the newest ones show whether any were missed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.actors.feeds.frame import DOUBT, Frame, Rejected, Several, Source
from exchange_connector.actors.feeds.recovering import Way
from exchange_connector.actors.feeds.recovering_kinds import NewestTradesMailbox
from exchange_connector.core.newest import UNKNOWN
from exchange_connector.core.sequence import Rule
from exchange_connector.messages.enums import Channel, GapReason, Overflow, Side
from exchange_connector.messages.lifecycle import SubscriberLagged
from exchange_connector.messages.market import StreamGap, Trade
from exchange_connector.messages.recovery import Recovered, RecoverNewest
from exchange_connector.messages.streams import Stream
from exchange_connector.messages.subscriptions import Subscription

ONE = Decimal(1)
STREAM = Stream(Channel.TRADES, "BTCUSDT")


class Nothing:
    """A decoder: events are read already."""

    drifted = 0

    def recognise(self, frame: bytes, received_time: int) -> None:
        """It never does."""


def trade(id: str, *, recovered: bool = False) -> Trade:
    """With that id."""
    return Trade("sim", "BTCUSDT", 1, 1, id, ONE, ONE, Side.BUY, 1, recovered=recovered)


class Stage:
    """A mailbox, and the recovery that it asks."""

    def __init__(self, delivery: Any, asked: Any) -> None:
        self.asked = asked
        nothing: Any = Nothing()
        self._source = Source("sim", STREAM, nothing, delivery.root, Rule.UNIQUE)
        self.box = NewestTradesMailbox(
            "sim",
            Subscription("s1", Channel.TRADES, "BTCUSDT"),
            delivery.feed(print),
            way=Way(asked, 10.0),
            max_pending=100,
            overflow=Overflow.DROP_OLDEST,
            rule=Rule.UNIQUE,
            is_plural=True,
        )

    def came(self, *items: Any) -> str:
        """What is delivered of trades by their ids, frames of several, and whatever else."""
        events: list[Any] = []
        for item in items:
            events += self._delivered(item)
        return "".join(map(_shown, events))

    def _delivered(self, item: Any) -> tuple[Any, ...]:
        if not isinstance(item, str | Rejected):
            return self.box.events(item)
        content: Any = item
        if isinstance(item, str):
            content = trade(item) if len(item) == 1 else Several(tuple(map(trade, item)))
        if self.box.follows(content):
            return (content,)
        return self.box.events(Frame(self._source, b"", 99, content))

    def question(self) -> tuple[tuple[str, ...], str]:
        """What the recovery was asked: after which, and before which."""
        message = self.asked.next(RecoverNewest)
        assert message.stream == STREAM
        return message.after, message.before.trade_id

    def answer(self, text: str, number: int = 1) -> Recovered:
        """To its question; a hole is a question mark."""
        parts = (UNKNOWN if each == "?" else trade(each, recovered=True) for each in text)
        return Recovered(number, tuple(parts))

    def cut(self) -> StreamGap:
        """The notice of an interruption."""
        return self.box.interruption(GapReason.DISCONNECTED)


def _shown(event: Any) -> str:
    """A trade that was fetched in capitals; a gap by its reason."""
    if isinstance(event, Trade):
        return event.trade_id.upper() if event.recovered else event.trade_id
    return f"<{event.reason}>" if isinstance(event, StreamGap) else f"<{type(event).__name__}>"


@pytest.fixture
def stage(delivery: Any, probe: Any) -> Stage:
    """One of each."""
    return Stage(delivery, probe)


def test_after_an_interruption_the_first_asks(stage: Stage) -> None:
    """And waits, as do the others, until what was before it is there."""
    assert stage.came("a", "b", stage.cut(), "ef", "g") == "ab<disconnected>"
    assert stage.question() == (("b", "a"), "e")
    assert stage.came(stage.answer("cd"), "h") == "CDefgh"
    assert stage.box.follows == stage.box._is_new


def test_a_hole_is_told_in_its_place(stage: Stage) -> None:
    """Behind the notice of the interruption."""
    stage.came("a", stage.cut(), "e")
    assert stage.came(stage.answer("?cd")) == "<unrecovered>CDe"


def test_in_doubt_nothing_is_told_before_it_is_known(stage: Stage) -> None:
    """Nor where nothing is missing; what cannot be had may be missing, which is told."""
    assert stage.came("a", DOUBT, "b") == "a"
    assert stage.question() == (("a",), "b")
    assert stage.came(stage.answer(""), "c") == "bc"
    assert stage.came(DOUBT, "f", stage.answer("de", 2)) == "DEf"
    assert stage.came(DOUBT, "g", stage.answer("?", 3), "h") == "<unrecovered>gh"


def test_one_that_came_before_settles_a_doubt(stage: Stage) -> None:
    """Nothing is asked; after an interruption it settles nothing."""
    assert stage.came("a", "b", DOUBT, "b", "c") == "abc"
    assert stage.box.follows == stage.box._is_new
    assert stage.came(stage.cut(), "c", "e") == "<disconnected>"
    assert stage.question() == (("c", "b", "a"), "e")


def test_an_interruption_in_doubt_is_told(stage: Stage) -> None:
    """The question is the same."""
    assert stage.came("a", DOUBT, stage.cut(), "c") == "a<disconnected>"
    assert stage.came(stage.answer("b")) == "Bc"


def test_before_the_first_nothing_was_missed(stage: Stage) -> None:
    """There is no place where it could be missing."""
    assert stage.came(DOUBT, stage.cut(), "a", "b") == "<disconnected>ab"


def test_of_one_millisecond_none_comes_twice(stage: Stage) -> None:
    """What is fetched may hold some that were delivered, or that wait, or that come yet."""
    stage.came("a", "b", stage.cut(), "ef", "g")
    assert stage.came(stage.answer("bcdfgh"), "h", "i") == "CDHefgi"


def test_a_frame_that_cannot_be_trusted_is_made_good(stage: Stage) -> None:
    """As an interruption is."""
    assert stage.came("a", Rejected("bad"), "c") == "a<rejected>"
    assert stage.came(stage.answer("b")) == "Bc"


def test_what_a_slow_subscriber_lost_is_not_fetched(stage: Stage) -> None:
    """It was counted: so nothing before it is compared with, and in an interruption nothing is had."""
    lagged = SubscriberLagged("sim", "s1", 2)
    assert stage.came("a", lagged, stage.cut(), "d") == "a<SubscriberLagged><disconnected>d"
    assert stage.came(stage.cut(), lagged, "f") == "<disconnected><SubscriberLagged><unrecovered>f"
    assert stage.came("g", lagged, "h", stage.cut(), "k") == "g<SubscriberLagged>h<disconnected>"
    assert stage.question() == (("h",), "k")
