"""Plays a recording to a connector, note by note."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from typing import Any

import pykka

from ...messages.enums import Channel
from ...messages.notes import (
    AnyNote,
    ConnectionClosed,
    ConnectionOpened,
    FrameRead,
    RestAnswered,
    SubscriptionEnded,
    SubscriptionOpened,
)
from ...messages.requests import Unsubscribe
from .decisions import Decisions
from .line import Line
from .reading import Recording
from .script import Connections, Script, request
from .stage import Body, Stage, symbol_of
from .watch import Watch

PATIENCE = 5.0
"""Seconds for the connector to decide as it did; what it was about is not waited for again."""
SNAPSHOT_PATIENCE = 30.0
"""Seconds for it to ask for a snapshot, which it does not do too often."""
_TAIL = 500_000_000
"""Nanoseconds at the end of a recording whose decisions may not be in it yet."""
_MOST_AT_ONCE = 500
_CODE = re.compile(r"closed by the server \(code (\d{4})\)")


class Player:
    """One replay.

    Attributes:
        recorded: What was decided, as far as it was played.
        before_the_end: How many decisions the replay had made when the last moments began.
        obstacles: What could not be played, in words.

    Args:
        speed: Of the recording; 0 is as fast as it is taken.
    """

    def __init__(
        self,
        recording: Recording,
        script: Script,
        stage: Stage,
        watch: Watch,
        ref: pykka.ActorRef[Any],
        speed: float,
    ) -> None:
        self.recorded = Decisions()
        self.before_the_end: dict[str, int] | None = None
        self.obstacles: list[str] = []
        self._header, self._notes = recording
        self._script, self._stage, self._watch, self._ref = script, stage, watch, ref
        self._speed = speed
        self._connections = Connections()
        self._lines: dict[int, Line] = {}
        self._batch: list[bytes] = []
        self._batch_line: Line | None = None
        self._given_up: set[str] = set()
        self._closed_at = 0  # when the last recorded connection was

    def play(self) -> None:
        """Play it all."""
        header, began = self._header, time.monotonic()
        self.recorded.begin(header.subscriptions, header.states)
        for connection in header.connections:
            self._connections.opened(connection)
        for each in header.subscriptions:
            self._subscribe(each)
        for note in self._notes:
            if self._speed:
                self._pace(began + (note.at - header.began) / 1e9 / self._speed)
            if self.before_the_end is None and note.at >= header.ended - _TAIL:
                self._flush()
                self.before_the_end = self._watch.counts()
            self._play(note)
        self._flush()
        self._watch.settle()
        if self.before_the_end is None:
            self.before_the_end = self._watch.counts()

    def _pace(self, at: float) -> None:
        if (wait := at - time.monotonic()) > 0:
            self._flush()
            time.sleep(wait)

    def _play(self, note: AnyNote) -> None:
        if isinstance(note, FrameRead):
            self.recorded.take(note)
            self._send(note)
            return
        self._flush()
        match note:
            case SubscriptionOpened():
                self.recorded.take(note)
                self._subscribe(note)
            case SubscriptionEnded():
                self._unsubscribe(note)
                self.recorded.take(note)
            case ConnectionOpened():
                self._connections.opened(note)
            case ConnectionClosed():
                self._closed_at = note.at
                self.recorded.take(note)
                self._close(note)
            case RestAnswered() if self._script.is_snapshot(note):
                self._answer(note)
            case _:
                self._expect(self.recorded.take(note))

    # what users did

    def _subscribe(self, note: SubscriptionOpened) -> None:
        if note.is_own:
            return
        count = sum(1 for _ in self._watch_opened()) + 1
        self._ref.tell(request(note, _ignore))
        if not self._watch.wait(lambda made: len(made.opened) >= count, PATIENCE):
            self.obstacles.append(f"{note.channel} of {note.symbol} was not taken")

    def _watch_opened(self) -> tuple[str, ...]:
        return tuple(self._watch.decisions.opened)

    def _unsubscribe(self, note: SubscriptionEnded) -> None:
        name = self.recorded.name(note.subscription)
        replayed = self._watch.decisions.opened.get(name)
        if name and replayed is not None:
            self._ref.ask(Unsubscribe(replayed.subscription), timeout=PATIENCE)

    # what the exchange did

    def _send(self, note: FrameRead) -> None:
        data = note.data
        name = self._script.name(data)
        if not name and self._script.is_answer(data):
            return
        line = self._line(self._connections.group(note.connection), name)
        if line is None:
            return
        if line is not self._batch_line or len(self._batch) >= _MOST_AT_ONCE:
            self._flush()
            self._batch_line = line
        self._batch.append(data)

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        if batch and self._batch_line is not None:
            self._batch_line.send(batch)

    def _line(self, group: int, name: str) -> Line | None:
        """The connection that a frame goes to, once its stream is subscribed there."""
        line = self._lines.get(group)
        if line is not None and (not name or name in line.streams):
            return line
        self._flush()
        what = f"the stream {name}" if name else f"connection {group}"
        line = self._wait_for(what, lambda: self._found(group, name))
        if line is not None:
            self._lines[group] = line
        return line

    def _found(self, group: int, name: str) -> Line | None:
        bound = self._lines.get(group)
        standing = tuple(self._stage.lines)
        if bound is not None and bound in standing:
            return bound if not name or name in bound.streams else None
        others = [line for key, line in self._lines.items() if key != group]
        free = (line for line in standing if line not in others)
        return next((line for line in free if not name or name in line.streams), None)

    def _wait_for(self, what: str, found: Callable[[], Line | None]) -> Line | None:
        seconds = 0.0 if what in self._given_up else PATIENCE
        line = self._stage.wait(found, seconds)
        if line is None and what not in self._given_up:
            self._given_up.add(what)
            self.obstacles.append(f"{what} was not asked for in the replay")
        return line

    def _close(self, note: ConnectionClosed) -> None:
        if not self._connections.closed(note.connection):
            return
        group = self._connections.group(note.connection)
        line = self._wait_for(f"connection {group}", lambda: self._found(group, ""))
        self._lines.pop(group, None)
        if line is None:
            return
        if (code := _CODE.search(note.reason)) is not None:
            line.close(int(code[1]))
        else:
            line.cut()
        self._stage.wait(lambda: None if line in self._stage.lines else True, PATIENCE)
        self._stage.break_held(self._script.under_way(note.at))

    def _answer(self, note: RestAnswered) -> None:
        """A snapshot, or its failure; what is too long to be recorded breaks as well."""
        symbol = symbol_of(note.query)
        about = f"a snapshot of {symbol}"
        if about not in self._given_up:
            body = Body(0 if note.size else note.status, note.data)
            since = 0.0 if note.at - note.took * 1e9 < self._closed_at else self._carried(symbol)
            if not self._stage.release(symbol, body, since, SNAPSHOT_PATIENCE):
                self._given_up.add(about)
                self.obstacles.append(f"{about} was not asked for in the replay")
        is_standing = self._header.states.get(f"{Channel.ORDER_BOOK}:{symbol}", "")
        if note.status == 200:
            self._expect(self.recorded.compared(symbol, is_standing))

    def _carried(self, symbol: str) -> float:
        """Since when the connection that stands carries the updates of a book."""
        name = self._script.book_stream(symbol)
        return max((line.streams.get(name, 0.0) for line in self._stage.lines), default=0.0)

    # what the connector decides

    def _expect(self, about: str) -> None:
        if not about or about in self._given_up or about in self.recorded.lagged:
            return
        count = len(self.recorded.made[about])
        if not self._watch.wait(lambda made: len(made.made[about]) >= count, PATIENCE):
            self._given_up.add(about)


def _ignore(event: Any) -> None:
    """A subscriber who only counts for being there."""


def stopped(ref: pykka.ActorRef[Any]) -> None:
    """Stop a connector that may have stopped by itself."""
    with contextlib.suppress(pykka.ActorDeadError):
        ref.stop()
