"""The kinds of faults, each as data: what a test writes, what HTTP is sent, what a plan holds.

A kind says in its fields what goes wrong, where and how often; `effects` knows how it is done.
Times are in seconds. `count` is how many of the chosen ones it concerns, `None` all of them until
it is undone; `skip` lets the first ones pass; `chance` (0 to 1) is how likely each is to be taken.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct, json

from .content import bytes_of
from .fields import Chance, ControlCode, Corruption, Count, Name, Offset, Seconds, Skip

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LONGEST_REASON = 123  # bytes that a close frame has room for (RFC 6455, section 5.5)


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="fault"):
    """Something to go wrong. `lasting` says whether there is something to undo afterwards."""

    lasting: ClassVar[bool] = True


class Cut(Fault, frozen=True, kw_only=True, tag="cut"):
    """Reset (TCP RST) every websocket, or the one with that id."""

    lasting = False
    connection: int | None = None


class Close(Fault, frozen=True, kw_only=True, tag="close"):
    """Close every websocket in order, or the one with that id, with a close frame."""

    lasting = False
    connection: int | None = None
    code: Annotated[int, Meta(ge=1000, le=4999)] = 1001
    reason: str = ""

    def __post_init__(self) -> None:
        if len(self.reason.encode()) > LONGEST_REASON:
            raise ValueError(f"reason: longer than {LONGEST_REASON} bytes")


class AnnounceShutdown(Fault, frozen=True, kw_only=True, tag="announce_shutdown"):
    """Send every connection the `serverShutdown` event."""

    lasting = False


class ResendSnapshots(Fault, frozen=True, kw_only=True, tag="resend_snapshots"):
    """Send whoever is subscribed to those books a snapshot that nobody asked for."""

    lasting = False
    stream: Name = "*"


class RestartBooks(Fault, frozen=True, kw_only=True, tag="restart_books"):
    """Number those books anew, as after a restart of the service: a snapshot whose id is 1."""

    lasting = False
    stream: Name = "*"


class LagTrades(Fault, frozen=True, kw_only=True, tag="lag_trades"):
    """Let REST tell of recent trades so many `seconds` after the stream does."""

    seconds: Seconds


class Forget(Fault, frozen=True, kw_only=True, tag="forget"):
    """Carry the streams of that name or pattern no more, without a word to who is subscribed."""

    lasting = False
    stream: Name = "*"


class Inject(Fault, frozen=True, kw_only=True, tag="inject"):
    """Send a websocket message, whatever it holds; with `base64` it is written in that."""

    lasting = False
    payload: str
    stream: str | None = None
    binary: bool = False
    base64: bool = False

    def __post_init__(self) -> None:
        self.content()

    def content(self) -> bytes:
        """The bytes of the message."""
        return bytes_of("payload", self.payload, base64=self.base64)


class Stall(Fault, frozen=True, kw_only=True, tag="stall"):
    """Send no data; pings and control messages are still answered."""


class Freeze(Fault, frozen=True, kw_only=True, tag="freeze"):
    """Answer nothing at all, as a stopped process does; nothing is lost."""


class Hold(Fault, frozen=True, kw_only=True, tag="hold"):
    """Let the market, or a replay, stand still."""


class Counted(Fault, frozen=True, kw_only=True):
    """A fault of those that it chooses, one after the other."""

    count: Count | None = 1
    skip: Skip = 0
    chance: Chance = 1.0


class RefuseUpgrades(Counted, frozen=True, kw_only=True, tag="refuse_upgrades"):
    """Answer websocket upgrades with an HTTP status."""

    path: Name = "*"
    status: Annotated[int, Meta(ge=200, le=599)] = 503
    retry_after: Seconds | None = None
    count: Count | None = None


class RefuseControls(Counted, frozen=True, kw_only=True, tag="refuse_controls"):
    """Refuse control messages of a method with an error, doing nothing of what they ask."""

    method: Name = "SUBSCRIBE"
    code: ControlCode = 2
    message: Name = "Invalid request: refused"


class IgnoreControls(Counted, frozen=True, kw_only=True, tag="ignore_controls"):
    """Neither do nor answer control messages of a method."""

    method: Name = "SUBSCRIBE"


class FrameFault(Counted, frozen=True, kw_only=True):
    """A fault of data frames: of streams whose name is, or matches (`*@trade`), `stream`."""

    stream: Name = "*"
    containing: str = ""


class Lose(FrameFault, frozen=True, kw_only=True, tag="lose"):
    """Do not send the frames."""


class Duplicate(FrameFault, frozen=True, kw_only=True, tag="duplicate"):
    """Send each frame `copies` times."""

    copies: Annotated[int, Meta(ge=2, le=1_000)] = 2


class Reorder(FrameFault, frozen=True, kw_only=True, tag="reorder"):
    """Let each frame change places with the next one of its stream."""


class Corrupt(FrameFault, frozen=True, kw_only=True, tag="corrupt"):
    """Spoil the content of the frames."""

    how: Corruption = "truncated"


class DelayFrames(FrameFault, frozen=True, kw_only=True, tag="delay_frames"):
    """Send the frames later; frames that are not chosen pass them."""

    seconds: Annotated[float, Meta(ge=0, le=600)]


class Split(FrameFault, frozen=True, kw_only=True, tag="split"):
    """Send each frame in pieces; whatever else goes to that connection waits behind it.

    The pieces are TCP writes, or with `as_fragments` fragments of a websocket message, and then
    `ping_between` sends a ping after the first.
    """

    pieces: Annotated[int, Meta(ge=2, le=1_000)] = 2
    pause: Annotated[float, Meta(ge=0, le=60)] = 0.05
    as_fragments: bool = False
    ping_between: bool = False

    def __post_init__(self) -> None:
        if self.ping_between and not self.as_fragments:
            raise ValueError("ping_between: only between fragments (as_fragments)")


class RestFault(Counted, frozen=True, kw_only=True):
    """A fault of REST requests whose path is, or matches (`/api/v3/ticker/*`), `path`.

    It may name the HTTP method too (`POST /api/v3/order`). Delays, lost answers and refused
    timestamps are also for the methods of a websocket API (`order.place`).
    """

    path: Name


class Answer(RestFault, frozen=True, kw_only=True, tag="answer"):
    """Give this answer instead of the exchange's own; the request has no effect.

    `body` is a text, or an object or array to be written as JSON; with `base64` a text in that.
    """

    status: Annotated[int, Meta(ge=200, le=599)] = 200
    body: str | dict[str, Any] | list[Any] = "{}"
    headers: dict[str, str] = {}
    base64: bool = False

    def __post_init__(self) -> None:
        self.content()
        for name, value in self.headers.items():
            if not name or CONTROL.search(name + value):
                raise ValueError(f"headers: no header can be {name!r}: {value!r}")

    def content(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, str):
            return bytes_of("body", self.body, base64=self.base64)
        return json.encode(self.body)


class Delay(RestFault, frozen=True, kw_only=True, tag="delay"):
    """Wait before the request is handled (and the clock is read), or after."""

    seconds: Seconds
    where: Literal["before", "after"] = "before"
    count: Count | None = None


class Drip(RestFault, frozen=True, kw_only=True, tag="drip"):
    """Send the body slowly."""

    bytes_per_second: Annotated[float, Meta(gt=0, le=1e9)]
    count: Count | None = None


class ResetRest(RestFault, frozen=True, kw_only=True, tag="reset_rest"):
    """Reset the connection instead of handling the request: it has no effect."""


class LoseAnswer(RestFault, frozen=True, kw_only=True, tag="lose_answer"):
    """Handle the request, and then reset the connection instead of answering.

    With a `status` (5xx, or 200 for Bybit) it is told that nobody knows (-1007, Bybit: 10000);
    `silent` leaves the connection open. Without `done` what would handle it never sees it.
    """

    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    done: bool = True
    silent: bool = False

    def __post_init__(self) -> None:
        if self.status is not None and (self.silent or 200 < self.status < 500):
            raise ValueError("status: 200, or from 500 to 599, and none in silence")


class RefuseTimestamps(RestFault, frozen=True, kw_only=True, tag="refuse_timestamps"):
    """Refuse signed requests for their timestamp, as too old or too far `ahead`."""

    ahead: bool = False


class SkewClock(Fault, frozen=True, kw_only=True, tag="skew_clock"):
    """Set the exchange's clock so many `seconds` ahead of this machine's, or of its own start."""

    seconds: Offset


class StepClock(Fault, frozen=True, kw_only=True, tag="step_clock"):
    """Move the exchange's clock by `seconds` at once."""

    seconds: Offset


class Ban(Fault, frozen=True, kw_only=True, tag="ban"):
    """Answer every REST request as to a banned address (418, or 403) for `seconds`."""

    seconds: Annotated[float, Meta(gt=0, le=1e7)]


KINDS: dict[str, type[Fault]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        *(Cut, Close, AnnounceShutdown, ResendSnapshots, RestartBooks, Forget, Inject),
        LagTrades,
        *(Stall, Freeze, Hold),
        *(RefuseUpgrades, RefuseControls, IgnoreControls),
        *(Lose, Duplicate, Reorder, Corrupt, DelayFrames, Split),
        *(Answer, Delay, Drip, ResetRest, LoseAnswer, RefuseTimestamps),
        *(SkewClock, StepClock, Ban),
    )
}
"""Every kind, by the name that `fault` has in JSON and TOML."""

NOT_EVERYWHERE = AnnounceShutdown, ResendSnapshots, RestartBooks, LagTrades
"""Those that only some of the exchanges can have."""
