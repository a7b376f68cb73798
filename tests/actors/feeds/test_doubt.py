"""A stream that another connection carries on, of whose old one nobody knows how long it did."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.actors.feeds.frame import (
    DOUBT,
    Content,
    Frame,
    Rejected,
    Several,
    Source,
    events_in,
)
from exchange_connector.actors.feeds.mailbox import Mailbox
from exchange_connector.actors.feeds.recovering import Way
from exchange_connector.actors.feeds.recovering_kinds import KINDS
from exchange_connector.actors.feeds.states import STATES
from exchange_connector.core.sequence import Rule
from exchange_connector.messages.enums import Channel, GapReason, Overflow, Side
from exchange_connector.messages.market import BookTicker, Kline, StreamGap, Ticker, Trade
from exchange_connector.messages.recovery import Recover
from exchange_connector.messages.streams import Stream
from exchange_connector.messages.subscriptions import Subscription

ONE = Decimal(1)
MINUTE = 60_000_000_000


class Nothing:
    """A decoder: events are read already."""

    drifted = 0

    def recognise(self, frame: bytes, received_time: int) -> None:
        """It never does."""


def trade(id: str) -> Trade:
    """With that id."""
    return Trade("sim", "BTCUSDT", 1, 1, id, ONE, ONE, Side.BUY, 1)


def top(id: int) -> BookTicker:
    """Of a time that goes with the id."""
    return BookTicker("sim", "BTCUSDT", id, id, id, ONE, ONE, ONE, ONE)


def ticker(at: int, price: int) -> Ticker:
    """Of that time."""
    return Ticker("sim", "BTCUSDT", at, at, last_price=Decimal(price))


def kline(at: int, price: int, minute: int = 0) -> Kline:
    """Of that time, still open."""
    opened = minute * MINUTE
    prices = (ONE, ONE, ONE, Decimal(price))
    times = opened, opened + MINUTE - 1_000_000
    return Kline(
        *("sim", "BTCUSDT", at, at, "1m", *times, *prices, ONE, ONE, None), is_closed=False
    )


def box(delivery: Any, channel: Channel, rule: Rule, asked: Any = None) -> Mailbox:
    """A subscription; one that asks for what it missed, if somebody is there to be asked."""
    more: dict[str, Any] = {"max_pending": 100, "overflow": Overflow.DROP_OLDEST, "rule": rule}
    kind: Any = STATES.get(rule, Mailbox)
    if asked is not None:
        kind, more["way"] = KINDS[rule], Way(asked, 10.0)
    return kind("sim", Subscription("s1", channel, "BTCUSDT"), delivery.feed(print), **more)  # type: ignore[no-any-return]


def delivered(delivery: Any, mailbox: Mailbox, *contents: Content | object) -> list[Any]:
    """What comes of these, as it is delivered: by the quick look, or by the careful one."""
    channel = Channel(mailbox.subscription.channel)
    stream = Stream(channel, "BTCUSDT", "1m" if channel is Channel.KLINES else "")
    nothing: Any = Nothing()
    source, events = Source("sim", stream, nothing, delivery.root), list[Any]()
    for content in contents:
        if content is DOUBT:
            events += mailbox.events(DOUBT)
            continue
        one: Any = content
        if mailbox.follows(one):
            events.append(one)
        else:
            events += mailbox.events(Frame(source, b"", 99, one))
    return [each.reason if isinstance(each, StreamGap) else each for each in events]


GAP = GapReason.DISCONNECTED
CASES: dict[str, tuple[Channel, Rule, tuple[Any, ...], tuple[Any, ...]]] = {
    "trades, with one that came before": (
        *(Channel.TRADES, Rule.UNIQUE),
        (trade("a"), trade("b"), DOUBT, trade("b"), trade("c")),
        (trade("a"), trade("b"), trade("c")),
    ),
    "trades, all new": (
        *(Channel.TRADES, Rule.UNIQUE),
        (trade("a"), DOUBT, trade("b"), trade("c")),
        (trade("a"), GAP, trade("b"), trade("c")),
    ),
    "trades, the first ones": (
        *(Channel.TRADES, Rule.UNIQUE),
        (DOUBT, trade("a"), trade("b")),
        (trade("a"), trade("b")),
    ),
    "book tickers, beginning where it was": (
        *(Channel.BOOK_TICKER, Rule.WHOLE),
        (top(7), DOUBT, top(7), top(9)),
        (top(7), top(9)),
    ),
    "book tickers, beginning before": (
        *(Channel.BOOK_TICKER, Rule.WHOLE),
        (top(7), top(9), DOUBT, top(8), top(9), top(12)),
        (top(7), top(9), top(12)),
    ),
    "book tickers, beginning later": (
        *(Channel.BOOK_TICKER, Rule.WHOLE),
        (top(7), DOUBT, top(9), top(12)),
        (top(7), GAP, top(9), top(12)),
    ),
    "tickers, beginning where it was": (
        *(Channel.TICKER, Rule.NONE),
        (ticker(1, 5), DOUBT, ticker(1, 5), ticker(3, 5), ticker(4, 6)),
        (ticker(1, 5), ticker(3, 5), ticker(4, 6)),
    ),
    "tickers, beginning with what looks the same": (
        *(Channel.TICKER, Rule.NONE),
        (ticker(1, 5), DOUBT, ticker(3, 5), ticker(4, 6)),
        (ticker(1, 5), GAP, ticker(3, 5), ticker(4, 6)),
    ),
    "tickers, beginning with another": (
        *(Channel.TICKER, Rule.NONE),
        (ticker(1, 5), DOUBT, ticker(3, 6), ticker(4, 7)),
        (ticker(1, 5), GAP, ticker(3, 6), ticker(4, 7)),
    ),
    "a frame that cannot be trusted": (
        *(Channel.TICKER, Rule.NONE),
        (ticker(1, 5), DOUBT, Rejected("bad"), ticker(3, 6)),
        (ticker(1, 5), GapReason.REJECTED, ticker(3, 6)),
    ),
    "candles, beginning with the same": (
        *(Channel.KLINES, Rule.NONE),
        (kline(1, 5), DOUBT, kline(3, 5), kline(4, 6)),
        (kline(1, 5), kline(3, 5), kline(4, 6)),
    ),
    "candles, beginning with another state": (
        *(Channel.KLINES, Rule.NONE),
        (kline(1, 5), DOUBT, kline(3, 6), kline(4, 7)),
        (kline(1, 5), GAP, kline(3, 6), kline(4, 7)),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_gap_is_told_unless_the_two_have_overlapped(name: str, delivery: Any) -> None:
    """Once, in front of the first event behind the doubt."""
    channel, rule, came, expected = CASES[name]
    mailbox = box(delivery, channel, rule)
    assert delivered(delivery, mailbox, *came) == list(expected)
    assert mailbox.follows == mailbox._quick_look(channel)


def test_an_interruption_that_is_told_settles_it(delivery: Any) -> None:
    """There is one gap only."""
    mailbox = box(delivery, Channel.TICKER, Rule.NONE)
    delivered(delivery, mailbox, ticker(1, 5), DOUBT)
    (gap,) = mailbox.events(mailbox.interruption(GapReason.STALLED))
    assert isinstance(gap, StreamGap)
    assert delivered(delivery, mailbox, ticker(3, 6)) == [ticker(3, 6)]


def test_candles_that_ask_do_so_where_one_is_missing(delivery: Any, probe: Any) -> None:
    """Else nothing is asked; a state that came before, or says the same, settles it."""
    mailbox = box(delivery, Channel.KLINES, Rule.NONE, probe)
    assert delivered(delivery, mailbox, DOUBT, kline(1, 5)) == [kline(1, 5)]
    assert delivered(delivery, mailbox, DOUBT, kline(2, 5)) == [kline(2, 5)]
    assert delivered(delivery, mailbox, DOUBT, kline(2, 5), kline(3, 6)) == [kline(3, 6)]
    assert delivered(delivery, mailbox, DOUBT, kline(4, 7)) == [GAP, kline(4, 7)]
    assert delivered(delivery, mailbox, DOUBT, kline(6, 8, 2)) == [GapReason.MISSED]
    asked = probe.next(Recover)
    assert (asked.first, asked.end) == (0, 2 * MINUTE)


@pytest.mark.parametrize("is_cumulative", [True, False])
def test_no_news_settles_it_where_that_is_known(is_cumulative: bool, delivery: Any) -> None:
    """Of a cumulative stream only: another frame without an event says nothing."""
    mailbox = box(delivery, Channel.TICKER, Rule.NONE)
    assert delivered(delivery, mailbox, ticker(1, 5), DOUBT)
    nothing: Any = Nothing()
    source = Source("sim", Stream(Channel.TICKER, "BTCUSDT"), nothing, delivery.root)
    source.newest = ticker(1, 5) if is_cumulative else None
    assert mailbox.events(Frame(source, b"", 99, Several(()))) == ()
    expected = [ticker(3, 6)] if is_cumulative else [GAP, ticker(3, 6)]
    assert delivered(delivery, mailbox, ticker(3, 6)) == expected


def test_a_doubt_is_no_event(delivery: Any) -> None:
    """It is not counted with what is dropped."""
    assert events_in([DOUBT, trade("a")]) == 1


@pytest.mark.parametrize(("is_whole", "is_sure"), [(True, True), (True, False), (False, False)])
def test_a_feed_moves_a_mailbox(is_whole: bool, is_sure: bool, delivery: Any) -> None:
    """With nothing, with a doubt, or with a gap."""
    mailbox = box(delivery, Channel.TICKER, Rule.NONE)
    mailbox.feed.mark_live(mailbox, 1)
    mailbox.feed.move(mailbox, 1, 2, 50, is_whole=is_whole, is_sure=is_sure)
    assert mailbox.live_on == 2
    mailbox.feed.finish(5.0)
    assert mailbox.feed.join(5.0)
    assert mailbox._is_doubted is (is_whole and not is_sure)


def test_one_that_was_interrupted_already_takes_no_older_state(delivery: Any) -> None:
    """It is not moved, but the connection that takes over may begin with one all the same."""
    mailbox = box(delivery, Channel.TICKER, Rule.NONE)
    mailbox.feed.mark_live(mailbox, 1)
    assert delivered(delivery, mailbox, ticker(9, 5)) == [ticker(9, 5)]
    mailbox.feed.interrupt(mailbox, 1)
    mailbox.feed.move(mailbox, 1, 2, 50, is_whole=False)
    assert mailbox.live_on == 0
    assert delivered(delivery, mailbox, ticker(7, 4), ticker(11, 6)) == [ticker(11, 6)]
