"""The switches for what is sent on the streams."""

from __future__ import annotations

from ..wire.names import the_one
from . import links
from .door import FaultDoor
from .fields import Corruption
from .frames import FramePredicate
from .kinds import Corrupt, DelayFrames, Duplicate, FrameFault, Lose, Reorder, Split


class FrameSwitches(FaultDoor):
    """Faults of data frames, and messages of one's own.

    Frames are chosen in the same way by all: `stream` is a stream's name or a pattern (`*@trade`)
    and `None` any; `count` is how many, `None` all until `clear_frames`; and with `when`, which is
    called with stream and payload, only those that it accepts. `apply` takes the same faults as
    data, which have more ways to choose.
    """

    def lose(
        self,
        stream: str | None = None,
        count: int | None = 1,
        when: FramePredicate | None = None,
    ) -> None:
        """Lose the next `count` data frames of `stream` that somebody is subscribed to."""
        if count != 0:
            self.apply(Lose(stream=stream or "*", count=count), when)

    def duplicate(
        self,
        stream: str | None = None,
        count: int | None = 1,
        when: FramePredicate | None = None,
        copies: int = 2,
    ) -> None:
        """Send the next `count` data frames of `stream` twice, or `copies` times."""
        if count != 0:
            self.apply(Duplicate(stream=stream or "*", count=count, copies=copies), when)

    def reorder(
        self,
        stream: str | None = None,
        count: int | None = 1,
        when: FramePredicate | None = None,
    ) -> None:
        """Let each of the next `count` frames change places with the one after it."""
        if count != 0:
            self.apply(Reorder(stream=stream or "*", count=count), when)

    def corrupt(
        self,
        stream: str | None = None,
        count: int | None = 1,
        how: Corruption = "truncated",
        when: FramePredicate | None = None,
    ) -> None:
        """Spoil the content of the next `count` frames.

        Args:
            stream: see the class, as for `count` and `when`.
            count: see there.
            how: "truncated" leaves half of the message; "garbled" is no JSON; "not_utf8" has two
                bytes in it that are no UTF-8; "wrong_type" a number where a text belongs;
                "digits" a price that is no number; "missing" a field under another name.
            when: see there.
        """
        if count != 0:
            self.apply(Corrupt(stream=stream or "*", count=count, how=how), when)

    def delay_frames(
        self,
        stream: str | None = None,
        seconds: float = 1.0,
        count: int | None = 1,
        when: FramePredicate | None = None,
    ) -> None:
        """Send the next `count` frames `seconds` later; other frames pass them."""
        if count != 0:
            fault = DelayFrames(stream=stream or "*", seconds=seconds, count=count)
            self.apply(fault, when)

    def split(
        self,
        stream: str | None = None,
        count: int | None = 1,
        pieces: int = 2,
        pause: float = 0.05,
        as_fragments: bool = False,
        ping_between: bool = False,
        when: FramePredicate | None = None,
    ) -> None:
        """Send each of the next `count` frames in pieces, and all else behind it.

        Args:
            stream: see the class, as for `count` and `when`.
            count: see there.
            pieces: how many.
            pause: seconds between two of them.
            as_fragments: cut the message into frames (RFC 6455, 5.4), not the frame into writes.
            ping_between: send a ping after the first fragment.
            when: see there.
        """
        if count != 0:
            fault = Split(
                stream=stream or "*",
                count=count,
                pieces=pieces,
                pause=pause,
                as_fragments=as_fragments,
                ping_between=ping_between,
            )
            self.apply(fault, when)

    def clear_frames(self) -> None:
        """Send every frame as it is again."""
        self._clear_kinds(FrameFault)

    def inject(self, payload: str | bytes, stream: str | None = None, binary: bool = False) -> int:
        """Send a raw websocket message, whatever it holds.

        Args:
            payload: the message; bytes that are no UTF-8 are sent as a text frame all the same.
            stream: only to the subscribers of this stream; `None` means every connection.
            binary: send a binary frame instead of a text frame.

        Returns:
            The number of connections it went to.
        """
        raw = payload.encode() if isinstance(payload, str) else payload
        return self._server.call(lambda: links.inject(self._box.hub, raw, stream, binary=binary))

    def publish(self, stream: str, data_json: str) -> None:
        """Send `data_json` to the subscribers of `stream`, wrapped where a connection has it so."""

        def publish() -> None:
            known = the_one(self._box.hub.streams, stream)
            self._box.hub.publish(known, data_json.encode())
            self._box.hub.flush()

        self._server.call(publish)
