"""What a connector remembered from before its recording, and a replay cannot know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from ...messages.enums import GapReason, HealthState
from ...messages.notes import (
    AnyNote,
    FrameRead,
    GapTold,
    Header,
    RestAnswered,
    SubscriptionOpened,
)
from .script import Script, asked_at


class Memory:
    """Leaves out what follows from events that came before the recording.

    Where a stream is interrupted before anything of it is in the recording, a replay knows no id from
    which on something was missed, and does not ask for it.
    """

    def __init__(self, script: Script, header: Header) -> None:
        self._script, self._began = script, header.began
        self._streams: dict[str, str] = {}  # by subscription
        self._seen: set[str] = set()
        self._blind: set[str] = set()
        for each in header.subscriptions:
            self._subscribed(each)
            if header.states.get(f"{each.channel}:{each.symbol}") != HealthState.LIVE:
                self._blind.add(self._streams[each.subscription])

    def faithful(self, notes: Iterable[AnyNote]) -> Iterator[AnyNote]:
        """The notes that a replay has to come to."""
        for note in notes:
            match note:
                case SubscriptionOpened():
                    self._subscribed(note)
                case FrameRead():
                    self._seen.add(self._script.name(note.data))
                case GapTold(subscription=identity) if self._streams.get(identity):
                    gap = self._gap(note, self._streams[identity])
                    if gap is not None:
                        yield gap
                    continue
                case RestAnswered() if name := self._script.past_stream(self._script.key(note)):
                    if name in self._blind or asked_at(note) < self._began:
                        self._blind.add(name)
                        continue
                case _:
                    pass
            yield note

    def _subscribed(self, note: SubscriptionOpened) -> None:
        self._streams[note.subscription] = self._script.stream(note)

    def _gap(self, note: GapTold, name: str) -> GapTold | None:
        if note.reason == GapReason.UNRECOVERED:
            return None if name in self._blind else note
        if name in self._seen:
            self._blind.discard(name)
            return note
        self._blind.add(name)
        return replace(note, first_missed_id=None, last_missed_id=None)
