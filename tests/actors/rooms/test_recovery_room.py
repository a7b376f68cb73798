"""The room that fetches what was missed: everybody is answered, in time, and nothing is asked twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from exchange_connector.actors.base.reply import Reply
from exchange_connector.actors.base.room import Lifeline, RoomExited
from exchange_connector.actors.recovery import RecoveryActor
from exchange_connector.core.newest import UNKNOWN
from exchange_connector.core.recovery import Missing
from exchange_connector.core.sequence import Rule
from exchange_connector.messages.config import RecoveryConfig
from exchange_connector.messages.enums import Channel, Side
from exchange_connector.messages.errors import (
    ConnectorError,
    ExchangeConnectionError,
    ExchangeError,
    NotRunningError,
    RateLimitError,
    ValidationError,
)
from exchange_connector.messages.market import Trade
from exchange_connector.messages.recovery import Recover, RecoverNewest
from exchange_connector.messages.rooms import Fetch
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.questions import GetNewestTrades, GetPastKlines, GetPastTrades

LONG = 5.0
TRADES = Stream(Channel.TRADES, "BTCUSDT")
KLINES = Stream(Channel.KLINES, "BTCUSDT", "1m")
WEIGHT = 25


def trade(number: int) -> Trade:
    """A trade of that id."""
    one = Decimal(1)
    return Trade("sim", "BTCUSDT", 1, 1, str(number), one, one, Side.BUY, 1, recovered=True)


class House:
    """The room, what it asks, and who asks it."""

    def __init__(self, new_probe: Callable[[], Any], **config: Any) -> None:
        self.new_probe, self.rest, self.root = new_probe, new_probe(), new_probe()
        endpoint = SimpleNamespace(weight=lambda _: WEIGHT)
        driver: Any = SimpleNamespace(
            name="sim",
            past={Channel.TRADES: 10, Channel.KLINES: 10},
            rules={Channel.TRADES: Rule.CONSECUTIVE},
            endpoints=dict.fromkeys((GetPastTrades, GetPastKlines, GetNewestTrades), endpoint),
        )
        places = {"driver": driver, "rest": self.rest, "config": RecoveryConfig(**config)}
        self.lifeline = Lifeline("recovery", 1)
        self.ref = RecoveryActor.start(self.lifeline, self.root, **places)

    def ask(self, first: int, end: int, seconds: float = LONG, stream: Stream = TRADES) -> Any:
        """Somebody asks; what it is answered comes to the probe."""
        probe = self.new_probe()

        def answered(parts: Any, error: BaseException | None) -> None:
            probe.tell(error if error is not None else shown(parts))

        self.ref.tell(Recover(stream, first, end, time.monotonic() + seconds, Reply(answered)))
        return probe

    def ask_newest(self, after: int, before: int, seconds: float = LONG) -> Any:
        """The same, of trades whose ids have no order."""
        probe = self.new_probe()

        def answered(parts: Any, error: BaseException | None) -> None:
            probe.tell(error if error is not None else shown(parts))

        ids, deadline = (str(after), str(after - 1)), time.monotonic() + seconds
        self.ref.tell(RecoverNewest(TRADES, ids, trade(before), deadline, Reply(answered)))
        return probe

    def fetch_newest(self) -> Any:
        """The reply to a question for the newest, as many as there can be."""
        message = self.rest.next(Fetch)
        assert message.request == GetNewestTrades("BTCUSDT", 10)
        return message.reply

    def fetch(self, first: int, limit: int) -> Any:
        """The reply to the next page, which is this one."""
        message = self.rest.next(Fetch)
        assert message.own
        assert message.request == GetPastTrades("BTCUSDT", first, limit)
        return message.reply

    def idle(self) -> None:
        """The room has handled all that it was told."""
        before, pause = self.lifeline.unknown, threading.Event()
        self.ref.tell("?")
        while self.lifeline.unknown == before:
            pause.wait(0.001)


def shown(parts: tuple[Any, ...]) -> list[Any]:
    """Ids, and what is missing."""
    return [part if isinstance(part, Missing) else int(part.trade_id) for part in parts]


def page(*numbers: int) -> tuple[Trade, ...]:
    """Trades of these ids."""
    return tuple(map(trade, numbers))


@pytest.fixture
def house(new_probe: Any) -> Iterator[Callable[..., House]]:
    """Makes one; its room is stopped in the end."""
    made: list[House] = []

    def make(**config: Any) -> House:
        made.append(House(new_probe, **config))
        return made[-1]

    yield make
    for each in made:
        each.ref.stop(timeout=LONG)


def test_pages_are_asked_for_one_after_the_other(house: Any) -> None:
    """And answered together."""
    one = house()
    probe = one.ask(5, 18)
    one.fetch(5, 10).tell(page(*range(5, 15)))
    one.fetch(15, 3).tell(page(15, 16, 17))
    assert probe.next() == list(range(5, 18))


def test_who_missed_the_same_shares_what_was_fetched(house: Any) -> None:
    """Before it came, and afterwards; another range is another matter."""
    one = house()
    early, same = one.ask(5, 8), one.ask(5, 8)
    other = one.ask(6, 8)
    one.fetch(5, 3).tell(page(5, 6, 7))
    one.fetch(6, 2).tell(page(6, 7))
    late = one.ask(5, 8)
    assert early.next() == same.next() == late.next() == [5, 6, 7]
    assert other.next() == [6, 7]
    assert len(one.rest.told) == 2


@pytest.mark.parametrize(
    "error",
    [
        ExchangeConnectionError("rest", "reset"),
        ExchangeError(-1000, "internal", 502),
        NotRunningError("restarted"),
        RateLimitError(0.3),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_failed_is_tried_again(error: ConnectorError, house: Any) -> None:
    """Where it may well come the next time; after a pause, and after the exchange's own."""
    one = house()
    probe, began = one.ask(5, 8), time.monotonic()
    one.fetch(5, 3).fail(error)
    one.fetch(5, 3).tell(page(5, 6, 7))
    assert time.monotonic() - began >= max(0.2, getattr(error, "retry_after", 0.0))
    assert probe.next() == [5, 6, 7]


@pytest.mark.parametrize(
    "error", [ExchangeError(-1121, "Invalid symbol.", 400), ValidationError("limit", 0, "none")]
)
def test_what_was_refused_is_not(error: ConnectorError, house: Any) -> None:
    """What came before it stays."""
    one = house()
    probe = one.ask(0, 25)
    one.fetch(0, 10).tell(page(*range(10)))
    one.fetch(10, 10).fail(error)
    assert probe.next() == [*range(10), Missing(10, 24)]
    one.idle()
    assert len(one.rest.told) == 2


def test_a_ban_is_not_waited_for(house: Any) -> None:
    """Where it ends after everybody's time."""
    one = house()
    probe = one.ask(5, 8)
    one.fetch(5, 3).fail(RateLimitError(120.0))
    assert probe.next() == [Missing(5, 7)]


def test_when_the_time_is_over_there_is_what_came(house: Any) -> None:
    """A page that comes later concerns nobody."""
    one = house()
    began = time.monotonic()
    probe = one.ask(0, 25, 0.4)
    one.fetch(0, 10).tell(page(*range(10)))
    late = one.fetch(10, 10)
    assert probe.next() == [*range(10), Missing(10, 24)]
    assert 0.4 <= time.monotonic() - began < 1.0
    late.tell(page(*range(10, 20)))
    one.idle()
    assert len(one.rest.told) == 2


def test_a_question_that_comes_too_late_is_answered_at_once(house: Any) -> None:
    """It lay in the office of a room that was lost, say; nothing is asked."""
    one = house()
    assert one.ask(5, 8, -1.0).next() == [Missing(5, 7)]
    assert one.rest.told == []


def test_what_exceeds_the_allowance_is_missing(house: Any) -> None:
    """At once: a minute is more than anybody waits."""
    one = house(max_weight=2 * WEIGHT)
    probe = one.ask(0, 25)
    one.fetch(0, 10).tell(page(*range(10)))
    one.fetch(10, 10).tell(page(*range(10, 20)))
    assert probe.next() == [*range(20), Missing(20, 24)]
    assert one.ask(5, 8).next() == [Missing(5, 7)]
    assert len(one.rest.told) == 2


def test_of_too_many_the_newest_are_fetched(house: Any) -> None:
    """So many as are configured."""
    one = house(max_trades=3)
    probe = one.ask(0, 25)
    one.fetch(22, 3).tell(page(22, 23, 24))
    assert probe.next() == [Missing(0, 21), 22, 23, 24]


def test_candles_are_asked_for_by_time(house: Any) -> None:
    """From the first that is missing to the live one."""
    one = house()
    one.ask(60, 180, stream=KLINES)
    request = one.rest.next(Fetch).request
    assert request == GetPastKlines("BTCUSDT", "1m", 60, 180, 10)


def test_when_it_is_stopped_everybody_is_answered(house: Any) -> None:
    """With what came."""
    one = house()
    probe, other = one.ask(0, 25), one.ask(3, 4)
    one.fetch(0, 10).tell(page(*range(10)))
    one.idle()
    one.ref.stop(timeout=LONG)
    assert probe.next() == [*range(10), Missing(10, 24)]
    assert other.next() == [Missing(3, 3)]


def test_when_it_dies_everybody_is_answered(house: Any) -> None:
    """Also who has asked with the message that it died of."""
    one = house()
    probe = one.ask(0, 25)
    one.idle()
    unlucky = one.ask(5, 8, stream=Stream(Channel.TICKER, "BTCUSDT"))  # a channel without a past
    assert one.root.next(RoomExited).cause is not None
    assert probe.next() == [Missing(0, 24)]
    assert isinstance(unlucky.next(), NotRunningError)


def test_one_that_hangs_is_cut_off(house: Any) -> None:
    """By the supervisor, from its own thread."""
    one = house()
    probe = one.ask(0, 25)
    one.idle()
    one.lifeline.abandon()
    assert probe.next() == [Missing(0, 24)]


def test_the_newest_are_asked_for_until_the_next_is_there(house: Any) -> None:
    """Whoever missed the same shares them."""
    one = house()
    early, same = one.ask_newest(4, 8), one.ask_newest(4, 8)
    one.fetch_newest().tell(page(3, 4, 5))
    one.fetch_newest().tell(page(4, 5, 6, 7, 8))
    assert early.next() == same.next() == [5, 6, 7]
    assert one.ask_newest(4, 8).next() == [5, 6, 7]
    assert len(one.rest.told) == 2


def test_where_the_newest_do_not_come_there_is_a_hole(house: Any) -> None:
    """At once where it is refused; else when the time is over."""
    one = house()
    probe = one.ask_newest(4, 8)
    one.fetch_newest().fail(ExchangeError(10001, "no such symbol", 200))
    assert probe.next() == [UNKNOWN]
    probe = one.ask_newest(5, 9, 0.3)
    one.fetch_newest().tell(page(5, 6))
    one.fetch_newest()
    assert probe.next() == [6, UNKNOWN]
