"""The demo's bot: a Pykka actor that subscribes to everything and keeps a `Board` of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, cast

import msgspec
import pykka

from ..messages import (
    GetHealth,
    Request,
    SubscribeBookTicker,
    SubscribeEvents,
    SubscribeOrderBook,
    SubscribeTicker,
    SubscribeTrades,
)
from .board import Board

DEPTH = 20


class Look(msgspec.Struct, frozen=True):
    """Ask for the `Board` as it is now."""


class CheckHealth(msgspec.Struct, frozen=True):
    """Have the connector asked how it is."""


class Spectator(pykka.ThreadingActor):
    """Asks by `tell`, so that it never waits: answers and events come to `on_receive` alike."""

    use_daemon_thread = True

    def __init__(self, connector: pykka.ActorRef[Any], symbols: tuple[str, ...]) -> None:
        super().__init__()
        self._connector = connector
        self._symbols = symbols
        self._board = Board(started=time.time_ns())

    def on_start(self) -> None:
        """Subscribe; the connector keeps it as intent until it is connected."""
        for request in self._wishes():
            self._connector.tell(request)

    def on_receive(self, message: Any) -> Board | None:
        """Show the board, or take what came into it."""
        match message:
            case Look():
                return self._board
            case CheckHealth():
                if self._connector.is_alive():
                    self._connector.tell(GetHealth(reply_to=self.actor_ref))
            case _:
                self._board = self._board.after(message, time.time_ns())
        return None

    def _wishes(self) -> Iterator[Request[Any]]:
        me = self.actor_ref
        yield SubscribeEvents(me, reply_to=me, request_id="events")
        for symbol in self._symbols:
            yield SubscribeTicker(symbol, me, reply_to=me, request_id=f"ticker:{symbol}")
            yield SubscribeBookTicker(symbol, me, reply_to=me, request_id=f"book_ticker:{symbol}")
            yield SubscribeTrades(symbol, me, reply_to=me, request_id=f"trades:{symbol}")
        symbol = self._symbols[0]
        identity = f"order_book:{symbol}"
        yield SubscribeOrderBook(symbol, me, depth=DEPTH, reply_to=me, request_id=identity)


def look(spectator: pykka.ActorRef[Spectator]) -> Board:
    """The spectator's board as it is now."""
    return cast("Board", spectator.ask(Look(), timeout=5.0))
