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
    Disconnected,
    Health,
    HealthChanged,
    HealthState,
    OrderBook,
    Replied,
    Stopped,
    StreamGap,
    Ticker,
    Trade,
)
from ..messages.market import BaseEvent
from .story import Line, LinkCut, Tone, Words, in_words

T = TypeVar("T")

_LINES = 400
_TRADES = 40
_PATH = 40


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that is known about a connector and its market.

    Attributes:
        started: When, nanoseconds since the epoch, as all instants.
        paths: Of each symbol the prices of the last trades, oldest first.
        book: The order book shown.
        trades: Of all symbols, newest first.
        story: The newest lines of the connector's life, oldest first; `told` counts them all.
        events: How many events came.
        gaps: How many `StreamGap`s were among them.
        cuts: How often the link was cut; `survived` counts those that everything has come back from.
        cut_at: When it was, while the connector has not come back; else None.
        is_lost: Whether the cut was noticed.
        is_stopped: Whether the connector has ended.
    """

    started: int
    tickers: Mapping[str, Ticker] = field(default_factory=dict[str, Ticker])
    tops: Mapping[str, BookTicker] = field(default_factory=dict[str, BookTicker])
    paths: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict[str, tuple[Decimal, ...]])
    book: OrderBook | None = None
    trades: tuple[Trade, ...] = ()
    health: Health | None = None
    story: tuple[Line, ...] = ()
    told: int = 0
    events: int = 0
    gaps: int = 0
    cuts: int = 0
    survived: int = 0
    cut_at: int | None = None
    is_lost: bool = False
    is_stopped: bool = False

    def after(self, message: object, now: int) -> Board:
        """The board after a message came at `now`."""
        board = self
        if isinstance(message, BaseEvent):
            board = replace(board, events=board.events + 1)
        board = board._with_market(message)
        words = in_words(message)
        if words is not None:
            board = board._with_line(words, now)
        return board._with_life(message, now)

    @property
    def state(self) -> HealthState:
        """The connector's."""
        return self.health.state if self.health is not None else HealthState.DOWN

    def subscriptions(self) -> tuple[int, int]:
        """How many streams are alive, of how many."""
        streams = self.health.streams.values() if self.health is not None else ()
        return sum(each.state is HealthState.LIVE for each in streams), len(streams)

    def summary(self) -> str:
        """The whole session in a line."""
        alive, wanted = self.subscriptions()
        return (
            f"{self.events:,} events received, {self.survived} of {self.cuts} cuts survived, "
            f"{self.gaps} gaps told, {alive} of {wanted} subscriptions alive"
        )

    def _with_market(self, message: object) -> Board:
        match message:
            case Ticker():
                return replace(self, tickers=_put(self.tickers, message.symbol, message))
            case BookTicker():
                return replace(self, tops=_put(self.tops, message.symbol, message))
            case OrderBook():
                return replace(self, book=message)
            case Trade():
                path = (*self.paths.get(message.symbol, ()), message.price)[-_PATH:]
                paths = _put(self.paths, message.symbol, path)
                return replace(self, paths=paths, trades=(message, *self.trades)[:_TRADES])
            case StreamGap():
                return replace(self, gaps=self.gaps + 1)
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
                return replace(self, is_stopped=True)
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
