"""Raw frames on their way: routed by the reader, decoded once by the first subscriber that looks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ...core.sequence import Rule
from ...messages.base import Address
from ...messages.errors import ProtocolError
from ...messages.market import BaseEvent, MarketEvent
from ...messages.recovery import Recovered
from ...messages.rooms import FrameRejected
from ...messages.streams import Stream
from ...venues.driver import LacksWholeError, MalformedError, StreamDecoder

if TYPE_CHECKING:
    from .mailbox import Mailbox


def excerpt(data: bytes, most: int = 160) -> str:
    """The beginning of a frame or a body as text; bytes that are no text are escaped."""
    text = data[:most].decode("utf-8", "backslashreplace")
    return text if len(data) <= most else f"{text}… ({len(data)} bytes)"


class Rejected(NamedTuple):
    """What a frame turns into when it cannot be trusted."""

    reason: str


class Several(NamedTuple):
    """What a frame turns into that has not one event, but some, or none."""

    events: tuple[MarketEvent, ...]


Content = MarketEvent | Several | Rejected
"""What is in a frame."""


class Source:
    """A stream's decoder, shared by all its subscribers; tells the root of frames it rejects.

    Attributes:
        rule: How the stream's ids follow each other.
        latest: The bytes that came last, on whatever connection; not their `Frame`, which knows its
            source, and which Python's collector does not follow.
        latest_at: When they came; nanoseconds since the epoch.
        newest: The event that was read last, where the order of reading matters.
        frame: Makes a frame of its bytes and the time of receipt, given this source.

    Args:
        whole_wanted: For a stream whose frames say only what has changed, so that each is read when
            it comes: called where it is not known what that changes.
        anew: Makes a decoder of such a stream that knows nothing yet.
    """

    __slots__ = (
        *("_anew", "_decoder", "_exchange", "_recognise", "_root", "_whole_wanted"),
        *("frame", "latest", "latest_at", "lock", "newest", "rejected", "rule", "stream"),
    )

    def __init__(
        self,
        exchange: str,
        stream: Stream,
        decoder: StreamDecoder,
        root: Address[Any],
        rule: Rule = Rule.NONE,
        whole_wanted: Callable[[], object] | None = None,
        anew: Callable[[], StreamDecoder] | None = None,
    ) -> None:
        self.stream = stream
        self.rule = rule
        self.latest: bytes | None = None
        self.latest_at = 0
        self.newest: MarketEvent | None = None
        self.lock = threading.Lock()
        self.rejected = 0
        self._exchange = exchange
        self._decoder = decoder
        self._recognise = decoder.recognise
        self._root = root
        self._anew = anew
        self.frame: Callable[[Source, bytes, int], Frame] = Frame
        if whole_wanted is not None:
            self._whole_wanted = whole_wanted
            self.frame = _read_at_once

    @property
    def is_cumulative(self) -> bool:
        """Whether its frames say only what has changed."""
        return self._anew is not None

    @property
    def drifted(self) -> int:
        """How many frames had fields or values that this version does not know."""
        return self._decoder.drifted

    @property
    def sign(self) -> bytes | MarketEvent | None:
        """What came last that says something: of a cumulative stream what could be understood."""
        return self.latest if self.frame is Frame else self.newest

    def inherit(self, before: Source) -> None:
        """Go on where an earlier source of the stream is: nothing has interrupted that.

        To be called before any frame comes to this one. What is known of a cumulative stream stays
        known, whichever of the two the next frame comes to.
        """
        if self.latest is None:
            self.latest, self.latest_at = before.latest, before.latest_at
        if self.frame is not Frame and self.newest is None:
            self.newest, self.lock = before.newest, before.lock
            self._decoder, self._recognise = before._decoder, before._recognise

    def forget(self) -> None:
        """Something was lost: what a cumulative stream has told is known no more."""
        if self._anew is None:
            return
        with self.lock:
            decoder = self._anew()
            decoder.drifted = self._decoder.drifted
            self._decoder, self._recognise = decoder, decoder.recognise

    def read(self, frame: Frame) -> Content:
        """What is in a frame that nobody has read yet; never raises."""
        event = self._recognise(frame.raw, frame.received_time)
        if event is None:
            return self._read_with_care(frame)
        frame.event = event
        return event

    def _read_with_care(self, frame: Frame) -> Content:
        with self.lock:
            event = frame.event
            if event is None:
                try:
                    decoded = self._decoder.decode(frame.raw, frame.received_time)
                    event = Several(decoded) if isinstance(decoded, tuple) else decoded
                except LacksWholeError:
                    self._whole_wanted()
                    event = Several(())
                except MalformedError as malformed:
                    event = self._reject(frame.raw, str(malformed))
                except Exception as fault:  # noqa: BLE001 - of ours; one frame must not end a feed
                    event = self._reject(frame.raw, f"cannot be read: {fault!r}")
                frame.event = event
        return event

    def _reject(self, raw: bytes, reason: str) -> Rejected:
        self.rejected += 1
        error = ProtocolError(reason, excerpt(raw), exchange=self._exchange)
        self._root.tell(FrameRejected(error))
        return Rejected(reason)


class Frame(msgspec.Struct, gc=False, eq=False):
    """One frame; several subscribers may hold it, and none changes it.

    Attributes:
        event: What is in it, once somebody has looked (`Source.read`).
    """

    source: Source
    raw: bytes
    received_time: int
    event: Content | None = None


class Doubt(msgspec.Struct, frozen=True):
    """Another connection carries the stream on, and nothing says that the old one did to its end.

    What comes next may show that: one that had come before, or what says the same as the newest.
    """


DOUBT = Doubt()
Item = Frame | BaseEvent | Recovered | Doubt
"""What a feed brings to a mailbox."""


def events_in(items: Collection[Item]) -> int:
    """How many events there are in some items; frames are read for that."""
    return sum(map(_events_in, items))


def _events_in(item: Item) -> int:
    if not isinstance(item, Frame):
        return int(item is not DOUBT)
    content = item.event or item.source.read(item)
    return len(content.events) if isinstance(content, Several) else 1


def parts(frame: Frame, several: Several) -> list[Frame]:
    """A frame of several events, as one frame for each."""
    source, raw, received_time = frame.source, frame.raw, frame.received_time
    return [Frame(source, raw, received_time, event) for event in several.events]


def _read_at_once(source: Source, raw: bytes, received_time: int) -> Frame:
    frame = Frame(source, raw, received_time)
    event = source.read(frame)
    if isinstance(event, MarketEvent):
        source.newest = event
    return frame


class Route(msgspec.Struct, frozen=True, gc=False):
    """Where a stream's frames lead; a new one is made at each change."""

    source: Source
    mailboxes: tuple[Mailbox, ...]

    def interrupt(self, epoch: int, *, is_over: bool = True) -> None:
        """Tell every subscriber that connection `epoch` has lost the stream, or all of them."""
        self.source.forget()
        for mailbox in self.mailboxes:
            mailbox.feed.interrupt(mailbox, epoch, is_over=is_over)
