"""What the screen shows: a value that each message turns into the next one.

Pure: no terminal, clock or thread; `now` is an argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

import msgspec

from ..messages import (
    BookTicker,
    Channel,
    ConnectorError,
    Disconnected,
    Health,
    HealthChanged,
    HealthState,
    NotRunningError,
    OrderBook,
    Replied,
    RequestFailed,
    Stopped,
    StreamGap,
    Subscription,
    Ticker,
    Trade,
)
from ..messages.market import BaseEvent, MarketEvent
from .figures import places
from .pace import Pace, paced
from .story import Line, LinkCut, Tone, Words, in_words

T = TypeVar("T")

_LINES = 400
_TRADES = 40
_PATH = 40
_CHANNELS: Mapping[type, Channel] = {
    Ticker: Channel.TICKER,
    BookTicker: Channel.BOOK_TICKER,
    Trade: Channel.TRADES,
    OrderBook: Channel.ORDER_BOOK,
}


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that is known about a connector and its market.

    Attributes:
        started: When, nanoseconds since the epoch, as all instants.
        asked: How many streams were asked for.
        confirmed: How many of them the exchange has confirmed.
        refused: Those that were refused, by `CHANNEL:SYMBOL`.
        paths: Of each symbol the prices of the last trades, oldest first.
        places: Of each symbol the decimals that its prices need.
        books: Of each symbol the order book.
        trades: Of each symbol the last ones, newest first.
        paces: Of each stream its age and rate, by `CHANNEL:SYMBOL`; `pace` is that of all events.
        story: The newest lines of the connector's life, oldest first; `told` counts them all.
        events: How many events came.
        gaps: How many `StreamGap`s were among them.
        cuts: How often the link was cut; `survived` counts those that everything has come back from.
        cut_at: When it was, while the connector has not come back; else None.
        is_lost: Whether the cut was noticed.
        stopped: The connector's last event, once it has ended.
    """

    started: int
    asked: int = 0
    confirmed: int = 0
    refused: Mapping[str, ConnectorError] = field(default_factory=dict[str, ConnectorError])
    tickers: Mapping[str, Ticker] = field(default_factory=dict[str, Ticker])
    tops: Mapping[str, BookTicker] = field(default_factory=dict[str, BookTicker])
    paths: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict[str, tuple[Decimal, ...]])
    places: Mapping[str, int] = field(default_factory=dict[str, int])
    books: Mapping[str, OrderBook] = field(default_factory=dict[str, OrderBook])
    trades: Mapping[str, tuple[Trade, ...]] = field(default_factory=dict[str, tuple[Trade, ...]])
    paces: Mapping[str, Pace] = field(default_factory=dict[str, Pace])
    pace: Pace | None = None
    health: Health | None = None
    story: tuple[Line, ...] = ()
    told: int = 0
    events: int = 0
    gaps: int = 0
    cuts: int = 0
    survived: int = 0
    cut_at: int | None = None
    is_lost: bool = False
    stopped: Stopped | None = None

    def after(self, message: object, now: int) -> Board:
        """The board after a message came at `now`."""
        board = self
        if isinstance(message, BaseEvent):
            board = replace(board, events=board.events + 1, pace=paced(board.pace, now))
        board = board._with_market(message)._with_pace(message, now)._with_answer(message)
        words = in_words(message)
        if words is not None:
            board = board._with_line(words, now)
        return board._with_life(message, now)

    @property
    def state(self) -> HealthState:
        """The connector's."""
        return self.health.state if self.health is not None else HealthState.DOWN

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come: the connector has ended, or nothing asked for is left."""
        return self.stopped is not None or len(self.refused) >= self.asked > 0

    def subscriptions(self) -> tuple[int, int]:
        """How many streams are alive, of how many that were asked for and not refused."""
        streams = self.health.streams.values() if self.health is not None else ()
        wanted = max(self.asked - len(self.refused), len(streams))
        return sum(each.state is HealthState.LIVE for each in streams), wanted

    def summary(self) -> str:
        """The whole session in a line."""
        alive, wanted = self.subscriptions()
        return (
            f"{self.events:,} events received, {self.counts()}, "
            f"{alive} of {wanted} subscriptions alive"
        )

    def counts(self) -> str:
        """What went wrong, in numbers."""
        cuts = f"{self.survived} of {self.cuts} cuts survived, " if self.cuts else ""
        return f"{cuts}{self.gaps} {'gap' if self.gaps == 1 else 'gaps'} told"

    def _with_market(self, message: object) -> Board:
        match message:
            case Ticker():
                return replace(self, tickers=_put(self.tickers, message.symbol, message))
            case BookTicker():
                board = self._with_places(message.symbol, message.bid_price, message.ask_price)
                return replace(board, tops=_put(board.tops, message.symbol, message))
            case OrderBook():
                shown = (level.price for level in (*message.bids[:1], *message.asks[:1]))
                board = self._with_places(message.symbol, *shown)
                return replace(board, books=_put(board.books, message.symbol, message))
            case Trade():
                return self._with_places(message.symbol, message.price)._with_trade(message)
            case StreamGap():
                return replace(self, gaps=self.gaps + 1)
            case _:
                return self

    def _with_trade(self, trade: Trade) -> Board:
        path = (*self.paths.get(trade.symbol, ()), trade.price)[-_PATH:]
        trades = (trade, *self.trades.get(trade.symbol, ()))[:_TRADES]
        return replace(
            self,
            paths=_put(self.paths, trade.symbol, path),
            trades=_put(self.trades, trade.symbol, trades),
        )

    def _with_places(self, symbol: str, *values: Decimal) -> Board:
        """Columns of prices stay as they are when a price happens to end in zeros."""
        known = self.places.get(symbol, 0)
        most = max(known, *(places(value) for value in values), 0)
        return self if most == known else replace(self, places=_put(self.places, symbol, most))

    def _with_pace(self, message: object, now: int) -> Board:
        channel = _CHANNELS.get(type(message))
        if channel is None or not isinstance(message, MarketEvent):
            return self
        name = f"{channel}:{message.symbol}"
        return replace(self, paces=_put(self.paces, name, paced(self.paces.get(name), now)))

    def _with_answer(self, message: object) -> Board:
        match message:
            case Replied(reply=Subscription(channel=channel)) if channel != Channel.EVENTS:
                return replace(self, confirmed=self.confirmed + 1)
            case RequestFailed(request_id=str(name), error=ConnectorError() as error):
                if isinstance(error, NotRunningError):  # the connector ends, and says so itself
                    return self
                return replace(self, refused=_put(self.refused, name, error))
            case _:
                return self

    def _with_life(self, message: object, now: int) -> Board:
        match message:
            case Replied(reply=Health() as health):
                return replace(self, health=health)
            case LinkCut():
                return replace(self, cuts=self.cuts + 1, cut_at=now, is_lost=False)
            case Disconnected():
                return replace(self, is_lost=self.cut_at is not None)
            case HealthChanged():
                board = replace(self, health=_changed(self.health, message))
                is_back = message.subject == "connector" and message.state is HealthState.LIVE
                return board._recovered(now) if is_back else board
            case Stopped():
                return replace(self, stopped=message)
            case _:
                return self

    def _recovered(self, now: int) -> Board:
        if self.cut_at is None or not self.is_lost:
            return self
        seconds = (now - self.cut_at) / 1e9
        words = Words(Tone.DEMO, "demo", "", f"everything is LIVE again, {seconds:.2f} s later")
        board = replace(self, survived=self.survived + 1, cut_at=None, is_lost=False)
        return board._with_line(words, now)

    def _with_line(self, words: Words, now: int) -> Board:
        story = (*self.story, Line(self.told, now, words))[-_LINES:]
        return replace(self, story=story, told=self.told + 1)


def _put(mapping: Mapping[str, T], key: str, value: T) -> dict[str, T]:
    return {**mapping, key: value}


def _changed(health: Health | None, change: HealthChanged) -> Health | None:
    """Health with what has changed since it was asked for."""
    if health is None:
        return None
    if change.subject == "connector":
        return msgspec.structs.replace(health, state=change.state)
    kinds = {"streams": health.streams, "sessions": health.sessions}
    if change.subject not in health.sessions:  # an actor has the name of the session that it keeps
        kinds["components"] = health.components
    for kind, parts in kinds.items():
        if change.subject in parts:
            part = msgspec.structs.replace(
                parts[change.subject], state=change.state, cause=change.cause, since=change.since
            )
            return msgspec.structs.replace(health, **{kind: {**parts, change.subject: part}})
    return health
