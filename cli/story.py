"""What happens to a connector, in words: one line for each event of its life."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

import msgspec

from ..messages import (
    ActorRestarted,
    CircuitBreakerStateChanged,
    ClockSynchronized,
    Connected,
    Disconnected,
    ErrorOccurred,
    HealthChanged,
    HealthState,
    Ready,
    Replied,
    RequestFailed,
    SessionReplaced,
    Stopped,
    StreamGap,
    SubscriberLagged,
    Subscription,
)


class LinkCut(msgspec.Struct, frozen=True):
    """The demo has cut the link, and new connections are refused."""


class LinkRestored(msgspec.Struct, frozen=True):
    """New connections are accepted again."""


class Tone(Enum):
    """What a line means to its reader."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    DEMO = "demo"
    """Not the connector's doing, but the demo's."""


_HEALTH_TONES = {HealthState.LIVE: Tone.GOOD, HealthState.DOWN: Tone.BAD}


class Words(NamedTuple):
    """An event in words.

    Attributes:
        kind: Which event it is.
        subject: Whom it concerns; "" where it is the connector as a whole.
        text: What happened.
    """

    tone: Tone
    kind: str
    subject: str = ""
    text: str = ""


class Line(NamedTuple):
    """A line of the story.

    Attributes:
        number: From 0 on.
        at: When it was told, nanoseconds since the epoch.
    """

    number: int
    at: int
    words: Words


class Merged(NamedTuple):
    """Lines that say the same of several subjects."""

    at: int
    words: Words
    subjects: tuple[str, ...]


def in_words(message: object) -> Words | None:
    """An event of the connector's life in words; None for anything else, market data above all."""
    match message:
        case StreamGap():
            missed = "" if message.missed is None else f", {message.missed} missed"
            subject = f"{message.channel}:{message.symbol}"
            return Words(Tone.BAD, "StreamGap", subject, f"{message.reason}{missed}")
        case HealthChanged():
            tone = _HEALTH_TONES.get(message.state, Tone.PLAIN)
            text = f"{message.state}: {message.cause}" if message.cause else message.state
            return Words(tone, "HealthChanged", message.subject, text)
        case Connected():
            return Words(Tone.GOOD, "Connected", message.session)
        case Disconnected():
            return Words(Tone.BAD, "Disconnected", message.session, message.reason)
        case ActorRestarted():
            text = f"restart {message.restarts}: {message.reason}"
            return Words(Tone.BAD, "ActorRestarted", message.component, text)
        case LinkCut():
            return Words(Tone.DEMO, "demo", "", "cuts the link, and refuses new connections")
        case LinkRestored():
            return Words(Tone.DEMO, "demo", "", "lets the connector connect again")
        case _:
            return _further(message)


def _further(message: object) -> Words | None:
    match message:
        case Ready():
            return Words(Tone.GOOD, "Ready")
        case ClockSynchronized():
            status = message.status
            text = f"offset {status.offset * 1e3:+.3f} ms, +/- {status.uncertainty * 1e3:.3f} ms"
            return Words(Tone.PLAIN, "ClockSynchronized", "", text)
        case CircuitBreakerStateChanged():
            text = f"{message.from_state} to {message.to_state}"
            return Words(Tone.PLAIN, "CircuitBreakerStateChanged", "", text)
        case SessionReplaced():
            return Words(Tone.GOOD, "SessionReplaced", message.session, message.reason)
        case SubscriberLagged():
            text = f"{message.dropped} events dropped"
            return Words(Tone.BAD, "SubscriberLagged", message.subscription_id, text)
        case ErrorOccurred(error=error):
            text = f"{type(error).__name__}: {error}"
            return Words(Tone.BAD, "ErrorOccurred", "", text)
        case Replied(reply=Subscription() as subscription):
            subject = f"{subscription.channel}:{subscription.symbol}".rstrip(":")
            return Words(Tone.PLAIN, "Subscription", subject, "confirmed")
        case RequestFailed(request_id=identity, error=error):
            return Words(Tone.BAD, "RequestFailed", str(identity), str(error))
        case Stopped():
            return Words(Tone.PLAIN, "Stopped", "", message.reason)
        case _:
            return None


def merged(lines: Iterable[Line], within: int = 500_000_000) -> list[Merged]:
    """The story with lines that say the same, at most `within` nanoseconds apart, made one."""
    story: list[Merged] = []
    for line in lines:
        key = line.words._replace(subject="")
        for index in range(len(story) - 1, max(-1, len(story) - 8), -1):
            known = story[index]
            is_same = known.words == key and line.at - known.at <= within
            if is_same and line.words.subject and line.words.subject not in known.subjects:
                story[index] = known._replace(subjects=(*known.subjects, line.words.subject))
                break
        else:
            subject = line.words.subject
            story.append(Merged(line.at, key, (subject,) if subject else ()))
    return story
