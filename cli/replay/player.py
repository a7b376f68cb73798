"""Plays a recording to a connector, note by note."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pykka

from ...messages.enums import Channel, GapReason
from ...messages.notes import (
    AnyNote,
    CommandSent,
    ConnectionClosed,
    ConnectionOpened,
    FrameRead,
    GapTold,
    RestAnswered,
    SubscriptionEnded,
    SubscriptionOpened,
)
from ...messages.requests import Unsubscribe
from .decisions import Decisions
from .links import PATIENCE, Links
from .memory import Memory
from .reading import Recording
from .script import Script, asked_at, request
from .stage import Body, Stage
from .watch import Watch

SNAPSHOT_PATIENCE = 30.0
"""Seconds for it to ask for a snapshot, which it does not do too often."""
_TAIL = 500_000_000
"""Nanoseconds at the end of a recording whose decisions may not be in it yet."""
_LOOK = 0.3
_REFUSED = Body(400, b'{"code":-1000,"msg":"it did not come in time"}')


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
        self._links = Links(script, stage, watch, self.obstacles.append)
        self._given_up: set[str] = set()
        self._asked: set[str] = set()  # before the last moments
        self._closed_at = 0  # when the last recorded connection was

    def play(self) -> None:
        """Play it all."""
        header, began = self._header, time.monotonic()
        self.recorded.begin(header.subscriptions, header.states)
        for each in header.subscriptions:
            self._subscribe(each)
        for connection in header.connections:
            self._links.opened(connection)
        for note in Memory(self._script, header).faithful(self._notes):
            if self._speed:
                self._pace(began + (note.at - header.began) / 1e9 / self._speed)
            if self.before_the_end is None and note.at >= header.ended - _TAIL:
                self._tail_begins()
            self._play(note)
        self._links.flush()
        self._watch.settle()
        if self.before_the_end is None:
            self._tail_begins()
        for key in sorted(self._stage.waiting() & self._asked):
            subject = self._script.past_subject(key)
            if subject and not self.recorded.is_left_out(subject):
                self.obstacles.append(f"{key} was asked for, and no answer was recorded")

    def _tail_begins(self) -> None:
        self._links.flush()
        self._watch.settle()
        self.before_the_end = self._watch.counts()
        self._asked = set(self._stage.asked)

    def _pace(self, at: float) -> None:
        if (wait := at - time.monotonic()) > 0:
            self._links.flush()
            time.sleep(wait)

    def _play(self, note: AnyNote) -> None:
        if isinstance(note, FrameRead):
            self.recorded.take(note)
            self._links.send(note)
            return
        self._links.flush()
        match note:
            case SubscriptionOpened():
                self.recorded.take(note)
                self._subscribe(note)
            case SubscriptionEnded():
                self._unsubscribe(note)
                self.recorded.take(note)
            case ConnectionOpened():
                self._links.opened(note)
            case CommandSent():
                self._links.asked(note)
            case ConnectionClosed():
                self.recorded.take(note)
                self._close(note)
            case RestAnswered() if self._script.past_stream(key := self._script.key(note)):
                self._past(note, key)
            case RestAnswered() if key := self._script.key(note):
                self._snapshot(note, key)
            case GapTold(reason=GapReason.UNRECOVERED):
                about = self.recorded.take(note)
                opened = self.recorded.opened.get(about)
                self._expect(about, ending=self._script.stream(opened) if opened else "")
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

    def _close(self, note: ConnectionClosed) -> None:
        if self._links.closed(note):
            self._closed_at = note.at
            under_way = self._script.under_way(note.at)
            self._stage.let_go(
                Body(0, b""), lambda key: not (key in under_way or self._script.past_stream(key))
            )

    def _snapshot(self, note: RestAnswered, symbol: str) -> None:
        """A snapshot, or its failure; what is too long to be recorded breaks as well."""
        about = f"a snapshot of {symbol}"
        if about not in self._given_up:
            since = 0.0
            if asked_at(note) >= self._closed_at:
                since = self._links.carried(self._script.book_stream(symbol))
            subject = f"{Channel.ORDER_BOOK}:{symbol}"
            self._release(symbol, about, subject, note, since, SNAPSHOT_PATIENCE)
        is_standing = self._header.states.get(f"{Channel.ORDER_BOOK}:{symbol}", "")
        if note.status == 200:
            self._expect(self.recorded.compared(symbol, is_standing))

    def _past(self, note: RestAnswered, key: str) -> None:
        """A page of what was missed of a stream, or its failure."""
        about = f"{note.path}?{note.query}"
        if about not in self._given_up:
            self._release(key, about, self._script.past_subject(key), note, 0.0, PATIENCE)

    def _release(
        self,
        key: str,
        about: str,
        subject: str,
        note: RestAnswered,
        since: float,
        patience: float,
    ) -> None:
        body = Body(0 if note.size else note.status, note.data)
        if self.recorded.is_left_out(subject):  # it may be asked for because of that
            self._stage.release(key, body, since, 0.0)
        elif not self._stage.release(key, body, since, patience):
            self._given_up.add(about)
            self.obstacles.append(f"{about} was not asked for in the replay")

    # what the connector decides

    def _expect(self, about: str, ending: str = "") -> None:
        """Wait until the replay has decided as much.

        Args:
            ending: The stream of which nothing more is fetched, as it was too late; else "".
        """
        if not about or about in self._given_up or self.recorded.is_left_out(about):
            return
        count = len(self.recorded.made[about])
        tries = round(PATIENCE / _LOOK) if ending else 1
        for _ in range(tries):
            if self._watch.wait(lambda made: len(made.made[about]) >= count, PATIENCE / tries):
                return
            if ending:
                self._stage.let_go(_REFUSED, lambda key: self._script.past_stream(key) == ending)
        self._given_up.add(about)


def _ignore(event: Any) -> None:
    """A subscriber who only counts for being there."""


def stopped(ref: pykka.ActorRef[Any]) -> None:
    """Stop a connector that may have stopped by itself."""
    with contextlib.suppress(pykka.ActorDeadError):
        ref.stop()
