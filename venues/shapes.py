"""What frames look like without their digits, so that each shape is looked at with care only once.

The frames of a stream differ in their digits and hardly ever in anything else. What a decoder would
take for a number beyond plain digits (`NaN`, `1e5`, `+1`, `1_000`, white space, the digits of other
scripts, JSON numbers where texts belong) and fields that nobody knows have another shape. So a frame
whose shape was once found good needs only to be decoded: typed, and into `Decimal`s, which fails for
what a shape does not show, such as a number with no digit at all.
"""

from __future__ import annotations

import re

DIGITS = b"0123456789"
_MOST = 64
_MOST_SIDES = 4096
_LONGEST = 1000
LEVELS = b'[".","."],' * 5_000
"""What is left of levels, as many as a side may have, without their digits."""
_SOME_LEVELS = rb'(?:\["\.","\."\](?:,\["\.","\."\])*+)?+'
_two_sides = re.compile(
    rb'(.*?:\[)' + _SOME_LEVELS + rb'(\],"[^"]*":\[)' + _SOME_LEVELS + rb"(\].*)", re.DOTALL
).fullmatch  # fmt: skip


def _shape(frame: bytes) -> bytes | None:
    """A frame's shape, if it can stand for others.

    Digits in an escape make other characters of it, and those in the middle of a character none.
    """
    return frame.translate(None, DIGITS) if frame.isascii() and b"\\" not in frame else None


class Shapes:
    """The shapes of one stream's frames; a handful, since only signs and switches vary.

    Attributes:
        known: A frame is known if `frame.translate(None, DIGITS)` is one of these.
    """

    __slots__ = ("known",)

    def __init__(self) -> None:
        self.known = set[bytes]()

    def learn(self, frame: bytes) -> None:
        """The frame was found good: one that is decoded strictly, all its numbers looked at."""
        shape = _shape(frame)
        if shape is not None and len(self.known) < _MOST:
            self.known.add(shape)


class BookShapes:
    """The same for frames with the two sides of a book, of any number of levels.

    Of each level there remains `[".","."]`. What else such a text may be is no JSON, which the
    decoder sees also where it leaves the levels unread.

    Args:
        sides: Of what was found good, all from the first level on; shared by streams of one kind.
    """

    __slots__ = ("_head", "_joint", "_sides", "_tail")

    def __init__(self, sides: set[bytes]) -> None:
        self._sides = sides
        self._head, self._joint, self._tail = b"", b"", b""

    def knows(self, frame: bytes) -> bool:
        """Whether a frame with such levels was found good."""
        shape, head = frame.translate(None, DIGITS), self._head
        if not head or not shape.startswith(head):
            return False
        sides = shape[len(head) :]
        return sides in self._sides or self._are_levels(sides)

    def _are_levels(self, sides: bytes) -> bool:
        bids, joint, asks = sides.partition(self._joint)
        if not (joint and asks.endswith(self._tail) and LEVELS.startswith(bids)):
            return False
        if not LEVELS.startswith(asks.removesuffix(self._tail)):
            return False
        if len(self._sides) < _MOST_SIDES and len(sides) < _LONGEST:
            self._sides.add(sides)
        return True

    def learn(self, frame: bytes) -> None:
        """The frame was found good; one without points in its numbers teaches nothing."""
        shape = _shape(frame)
        parts = _two_sides(shape) if shape is not None else None
        if parts is not None:
            self._head, self._joint, self._tail = parts.groups()


def has_lone_point(frame: bytes) -> bool:
    """Whether a text in it is a point and nothing else, which without its digits a number is too."""
    return frame.rfind(b'"."') >= 0
