"""The bot behind the screen: a Pykka actor that subscribes, and keeps a `Board` of what comes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec
import pykka

from .. import Config, ConnectorActor
from ..messages import (
    Event,
    GetHealth,
    Request,
    SubscribeBookTicker,
    SubscribeEvents,
    SubscribeOrderBook,
    SubscribeTicker,
    SubscribeTrades,
)
from .board import Board

EVENTS = "events"
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be subscribed to.

    Attributes:
        symbols: Of each the ticker, the best bid and ask, and the trades.
        books: The symbols whose order book is wanted, too.
        depth: How many of its levels.
        listener: Who gets the events in the spectator's place, if anybody.
    """

    symbols: Sequence[str]
    books: Sequence[str]
    depth: int = 20
    listener: Callable[[Event], object] | None = None

    def count(self) -> int:
        """How many streams that makes."""
        return 3 * len(self.symbols) + len(self.books)

    def requests(self, me: pykka.ActorRef[Any]) -> Iterator[Request[Any]]:
        """The subscriptions; each answer comes to `me`, with the stream's name as its id."""
        to = self.listener or me
        if self.listener is not None:  # first: its life begins at once
            yield SubscribeEvents(self.listener, reply_to=me, request_id=EVENTS)
        for symbol in self.symbols:
            yield SubscribeTicker(symbol, to, reply_to=me, request_id=f"ticker:{symbol}")
            yield SubscribeBookTicker(symbol, to, reply_to=me, request_id=f"book_ticker:{symbol}")
            yield SubscribeTrades(symbol, to, reply_to=me, request_id=f"trades:{symbol}")
        for symbol in self.books:
            name = f"order_book:{symbol}"
            yield SubscribeOrderBook(symbol, to, depth=self.depth, reply_to=me, request_id=name)


class Look(msgspec.Struct, frozen=True):
    """Ask for the `Board` as it is now."""


class CheckHealth(msgspec.Struct, frozen=True):
    """Have the connector asked how it is."""


class Spectator(pykka.ThreadingActor):
    """Asks by `tell`, so that it never waits: answers and events come to `on_receive` alike."""

    use_daemon_thread = True

    def __init__(self, connector: pykka.ActorRef[Any], wishes: Wishes) -> None:
        super().__init__()
        self._connector, self._wishes = connector, wishes
        self._board = Board(started=time.time_ns(), asked=wishes.count())

    def on_start(self) -> None:
        """Subscribe; the connector keeps it as intent until it is connected."""
        me = self.actor_ref
        self._connector.tell(SubscribeEvents(me, reply_to=me, request_id=EVENTS))
        for request in self._wishes.requests(me):
            self._connector.tell(request)

    def on_receive(self, message: Any) -> Board | None:
        """Show the board, or take what came into it."""
        match message:
            case Look():
                return self._board
            case CheckHealth():
                with contextlib.suppress(pykka.ActorDeadError):
                    self._connector.tell(GetHealth(reply_to=self.actor_ref))
            case _:
                self._board = self._board.after(message, time.time_ns())
        return None


def look(spectator: pykka.ActorRef[Spectator]) -> Board:
    """The spectator's board as it is now."""
    return cast("Board", spectator.ask(Look(), timeout=_PATIENCE))


@contextlib.contextmanager
def spectating(config: Config, wishes: Wishes) -> Generator[pykka.ActorRef[Spectator]]:
    """A connector, and a spectator that has subscribed; both are gone when the context ends."""
    connector = ConnectorActor.start(config)
    try:
        spectator = Spectator.start(connector, wishes)
        try:
            yield spectator
        finally:
            spectator.stop(timeout=_PATIENCE)
    finally:
        connector.stop(timeout=2 * _PATIENCE)
