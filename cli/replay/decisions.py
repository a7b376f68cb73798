"""What a connector has decided, read off the notes of its flight recorder.

A decision stands under the stream or the subscription that it is about, in the order in which it was
made; what was decided about two of them need not be in any order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, cast

from ...messages.enums import Channel, GapReason, HealthState
from ...messages.notes import (
    ConnectionClosed,
    FrameRead,
    GapTold,
    Happened,
    LagTold,
    Note,
    SubscriptionEnded,
    SubscriptionOpened,
)

_BOOK = f"{Channel.ORDER_BOOK}:"
_BY_THE_CLOCK = (HealthState.SUSPECT, HealthState.STALE)
_REJECTED = "rejected frames"
_SESSIONS = "sessions"


class Decisions:
    """Gaps, states of streams and rejected frames, as texts.

    Attributes:
        made: By what they are about.
        lagged: Subscriptions that were too slow: what they were told depends on that.
        silent: Streams that were found to bring nothing, which goes by the clock, as `CHANNEL:SYMBOL`.
        opened: What users have subscribed to, by the name it has here, in order.
    """

    def __init__(self) -> None:
        self.made: dict[str, list[str]] = defaultdict(list)
        self.lagged: set[str] = set()
        self.silent: set[str] = set()
        self.opened: dict[str, SubscriptionOpened] = {}
        self._names: dict[str, str] = {}
        self._own: dict[str, SubscriptionOpened] = {}
        self._states: dict[str, str] = {}
        self._began: set[str] = set()  # books that were LIVE, and streams
        self._books: dict[str, str] = {}  # how each was last, also before it counts
        self._has_begun = False

    def begin(self, subscriptions: list[SubscriptionOpened], states: Mapping[str, str]) -> None:
        """What was so before the first note."""
        for each in subscriptions:
            self.take(each)
        for subject, state in states.items():
            if ":" in subject and not subject.startswith(
                _BOOK
            ):  # whose beginning is not in the recording
                self._state(subject, state)

    def name(self, subscription: str) -> str:
        """What a user's subscription is called here; "" where it is none."""
        return self._names.get(subscription, "")

    def is_left_out(self, about: str) -> bool:
        """Whether what was decided about this is not to be compared."""
        return about in self.lagged or any(
            re.search(rf"\b{re.escape(each)}\b", about) for each in self.silent
        )

    def compared(self, symbol: str, at_first: str) -> str:
        """A snapshot came of a book that was there `at_first`, and so it may be still.

        In the replay, whose book begins with that snapshot, it becomes LIVE now.
        """
        subject = f"{_BOOK}{symbol}"
        is_live = self._books.get(subject, at_first) == HealthState.LIVE
        return self._state(subject, HealthState.LIVE) if is_live else ""

    def take(self, note: Note) -> str:
        """One note more; what it decides about, or ""."""
        match note:
            case FrameRead() | ConnectionClosed():
                self._has_begun = True
            case SubscriptionOpened():
                self._subscribed(note)
            case SubscriptionEnded():
                self._own.pop(note.subscription, None)
            case LagTold():
                self.lagged.add(self.name(note.subscription))
            case GapTold() if self._has_begun:
                return self._gap(note)
            case Happened(event=event):
                return self._happened(event)
            case _:
                pass
        return ""

    def _subscribed(self, note: SubscriptionOpened) -> None:
        if note.is_own:
            self._own[note.subscription] = note
            return
        kind = ":".join(filter(None, (note.channel, note.symbol, note.interval)))
        name = f"subscription {len(self.opened) + 1} ({kind})"
        self._names[note.subscription] = name
        self.opened[name] = note

    def _gap(self, note: GapTold) -> str:
        if note.reason == GapReason.STALLED:
            self.silent.add(f"{note.channel}:{note.symbol}")
            if note.channel == Channel.ORDER_BOOK_UPDATES:
                self.silent.add(f"{_BOOK}{note.symbol}")
            return ""
        is_of_book = not note.subscription
        subject = f"{note.channel}:{note.symbol}"
        if is_of_book:
            about = f"{subject} (the book)"
            if subject not in self._began:
                return ""
        elif note.subscription in self._own:
            if note.channel != Channel.ORDER_BOOK_UPDATES:
                return ""
            about = f"{subject} (for the book)"
        else:
            about = self.name(note.subscription)
            if note.channel == Channel.ORDER_BOOK:  # the book's own stands for them all
                return ""
        return self._decided(about, f"gap: {note.reason}{_ids(note)}") if about else ""

    def _happened(self, event: Any) -> str:
        fields = cast("dict[str, Any]", event) if isinstance(event, dict) else _fields(event)
        if fields["type"] == "HealthChanged" and ":" in fields["subject"]:
            return self._state(fields["subject"], fields["state"])
        if fields["type"] == "SessionReplaced":
            return self._decided(_SESSIONS, "one was replaced")
        error: dict[str, Any] = fields.get("error", {})
        if error.get("type") == "ProtocolError":
            return self._decided(_REJECTED, f"{error['reason']}: {error['excerpt']}")
        return ""

    def _state(self, subject: str, state: str) -> str:
        """A state, unless it is of a stream that was never LIVE yet, or goes by the clock."""
        if state in _BY_THE_CLOCK:
            return ""
        if subject.startswith(_BOOK):
            self._books[subject] = state
        if subject.startswith(_BOOK) and state != HealthState.LIVE:
            state = "not LIVE"  # how far it had come back when it was looked at is chance
        if subject not in self._began:
            if state != HealthState.LIVE:
                return ""
            self._began.add(subject)
        if self._states.get(subject) == state:
            return ""
        self._states[subject] = state
        return self._decided(f"{subject} (state)", state)

    def _decided(self, about: str, what: str) -> str:
        self.made[about].append(what)
        return about


def _ids(note: GapTold) -> str:
    if note.first_missed_id is None:
        return ""
    last = "" if note.last_missed_id is None else note.last_missed_id
    return f" {note.first_missed_id}-{last}"


def _fields(event: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {name: getattr(event, name) for name in event.__struct_fields__}
    error = fields.get("error")
    if error is not None:
        fields["error"] = {"type": type(error).__name__, **error.values()}
    return {"type": type(event).__name__, **fields}


def differences(
    recorded: Decisions, replayed: Decisions, before_the_end: Mapping[str, int]
) -> list[str]:
    """Where the two differ, in words.

    Args:
        before_the_end: How many decisions the replay had made, by what they are about, when the last
            moments of the recording began: what was recorded then may not have been decided yet.
    """
    found: list[str] = []
    for about in sorted({*recorded.made, *replayed.made}):
        if recorded.is_left_out(about):
            continue
        was, made = recorded.made.get(about, []), replayed.made.get(about, [])
        if about == _REJECTED:  # several threads find them
            was, made = sorted(was), sorted(made)
        same = sum(1 for _ in _common(was, made))
        if same < len(was):
            instead = f"instead: {made[same]}" if same < len(made) else "nothing in the replay"
            found.append(f"{about}: decision {same + 1} was {was[same]}; {instead}")
        elif same < len(made) and same < before_the_end.get(about, 0):
            found.append(f"{about}: nothing was recorded for decision {same + 1}: {made[same]}")
    return found


def _common(was: list[str], made: list[str]) -> list[str]:
    common: list[str] = []
    for one, other in zip(was, made, strict=False):
        if one != other:
            break
        common.append(one)
    return common
