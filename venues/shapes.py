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
_LEVELS = b'[".","."],' * 5_000
"""What is left of levels, as many as a side may have, without their digits."""
_SOME_LEVELS = rb'(?:\["\.","\."\](?:,\["\.","\."\])*+)?+'
# No other list beside the two: then a side that is named twice is not overlooked.
_two_sides = re.compile(
    rb"([^\[]*:\[)" + _SOME_LEVELS + rb'(\],"[^"\[]*":\[)' + _SOME_LEVELS + rb"(\][^\[]*)"
).fullmatch


def _shape(frame: bytes) -> bytes | None:
    """A frame's shape, if it can stand for others: digits in an escape make other characters of it.

    (Those in the middle of a character make no text, which whoever decodes the text sees.)
    """
    return frame.translate(None, DIGITS) if b"\\" not in frame else None


def _with_points(shape: bytes) -> bytes:
    """As if all numbers had a point: those without one leave nothing between quotation marks."""
    return shape.replace(b'""', b'"."')


def _are_levels(shape: bytes) -> bool:
    """Whether a list of levels may leave this between its brackets, if all numbers have points.

    Behind a comma at the end a bare number may have been, since digits are all that has gone.
    """
    return not shape or (shape.endswith(b"]") and _LEVELS.startswith(shape))


def is_list_of_numbers(text: bytes) -> bool:
    """Whether a valid JSON text has the shape of levels, and each of their numbers a digit."""
    shape = text.translate(None, DIGITS)
    if not (shape.startswith(b"[[") and shape.endswith(b"]]")):
        return False
    if _are_levels(shape[1:-1]):
        return not has_lone_point(text)
    return _are_levels(_with_points(shape[1:-1])) and not _has_odd_number(text)


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
        if shape is not None and len(shape) <= _LONGEST and len(self.known) < _MOST:
            self.known.add(shape)


class BookShapes:
    """The same for frames with the two sides of a book, of any number of levels.

    Of each level there remains `[".","."]`, or less where a number has no point. What else such a
    text may be is no JSON, which the decoder sees also where it leaves the levels unread.

    Args:
        sides: Of what was found good, all from the first level on; with what has to be in a frame
            whose side is empty, since of a list with a bare number there remains the same. Shared
            by streams of one kind.
    """

    __slots__ = ("_around", "_sides")

    def __init__(self, sides: dict[bytes, bytes]) -> None:
        self._sides = sides
        self._around: tuple[bytes, bytes, bytes] | None = None  # one, so that threads see all of it

    def knows(self, frame: bytes) -> bool:
        """Whether a frame with such levels was found good; `has_lone_point` is still to be asked."""
        shape, around = frame.translate(None, DIGITS), self._around
        if around is None or not shape.startswith(around[0]):
            return False
        sides = shape[len(around[0]) :]
        empty = self._sides.get(sides)
        if empty is None:
            empty = self._empty(frame, sides, around)
        return empty is not None and (not empty or frame.find(empty) >= 0)

    def _empty(
        self, frame: bytes, sides: bytes, around: tuple[bytes, bytes, bytes]
    ) -> bytes | None:
        """How the empty sides are written, nothing if none is; None if these are no two sides."""
        empty = _empty_sides(sides, around)
        if empty is None:
            empty = _empty_sides(_with_points(sides), around)
            return empty if not _has_odd_number(frame) else None
        if len(self._sides) < _MOST_SIDES and len(sides) < _LONGEST:
            self._sides[sides] = empty
        return empty

    def learn(self, frame: bytes) -> None:
        """The frame was found good; one with other lists beside the two teaches nothing."""
        shape = _shape(frame)
        parts = _two_sides(_with_points(shape)) if shape is not None else None
        if parts is not None:
            head, joint, tail = parts.groups()
            if len(head) + len(joint) + len(tail) <= _LONGEST:
                self._around = head, joint, tail


def _empty_sides(sides: bytes, around: tuple[bytes, bytes, bytes]) -> bytes | None:
    _, joint, tail = around
    bids, found, rest = sides.partition(joint)
    asks = rest.removesuffix(tail)
    if not (found and rest.endswith(tail) and _are_levels(bids) and _are_levels(asks)):
        return None
    if bids and asks:
        return b""
    return (b"" if bids else b"[") + joint + (b"" if asks else b"]")


def has_lone_point(frame: bytes) -> bool:
    """Whether a text in it is a point and nothing else, which without its digits a number is too."""
    return frame.rfind(b'"."') >= 0


def _has_odd_number(text: bytes) -> bool:
    """Whether a text in it is empty, or begins or ends with a point."""
    return b'""' in text or b'".' in text or b'."' in text
