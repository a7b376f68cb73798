"""What an exchange must fill in.

An exchange is a table: a `Driver` holds everything the actors know of it, as data and pure
functions. Nothing here opens a socket, reads a clock or logs.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol

from ..core.sequence import Rule
from ..messages.base import Request
from ..messages.config import ExchangeConfig
from ..messages.enums import Channel
from ..messages.market import MarketEvent
from ..messages.requests import SubscribeMarket
from ..messages.streams import Stream
from .account import AccountDriver
from .control import Control, Refusal


class Lane(IntEnum):
    """The order in which waiting requests leave: what stops risk before what makes history."""

    CANCEL = 0
    ORDER = 1
    CLOCK = 2
    ACCOUNT = 3
    BOOK = 4
    MARKET = 5
    HISTORY = 6


@dataclass(frozen=True, slots=True)
class Urls:
    """Base URLs without a path, and the path of the market streams.

    Attributes:
        account: Of the websocket that carries the account; "" where there is none.
    """

    rest: str
    stream: str
    stream_path: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """The exchange's documented limits; the weight limit is also read from the exchange.

    Attributes:
        weight: Request weight within `weight_period` seconds.
        dials: Websocket connection attempts within `dial_period` seconds.
        streams: Streams on one websocket session.
        controls: Messages a session may send within `control_period` seconds, pings included.
        names: Stream names in one subscribe message.
        characters: The length of all stream names on one session together; None for no limit.
        burst: Request weight within `burst_period` seconds; None where the one limit is all.
    """

    weight: int
    weight_period: float
    dials: int
    dial_period: float
    streams: int
    controls: int
    control_period: float
    names: int
    characters: int | None = None
    burst: int | None = None
    burst_period: float = 0.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row of the table of REST requests.

    Attributes:
        weight: The request weight of one request; `len`-like functions of the request.
        parameters: The query, in order, unencoded. Raises `ValidationError` naming the field.
        decode: Body, request and time of receipt to the reply, or a `Page` of it, or an
            `OrderAnswer`. Raises `MalformedError`; `ExchangeError` where a success says that there
            is no such thing.
        suffix: What follows `path` for a request that has a path of its own.
        is_json: Whether the parameters go into the body, as a JSON object of texts, and not into
            the query.
    """

    method: str
    path: str
    lane: Lane
    weight: Callable[[Any], int]
    parameters: Callable[[Any], list[tuple[str, str]]]
    decode: Callable[[bytes, Any, int], Any]
    signed: bool = False
    suffix: Callable[[Any], str] | None = None
    is_json: bool = False

    def path_for(self, request: Any) -> str:
        """Where a request goes."""
        return self.path if self.suffix is None else self.path + self.suffix(request)


@dataclass(frozen=True, slots=True)
class Page:
    """A reply that is not all: the rest is had by asking once more.

    Attributes:
        reply: As much as there is.
        following: What the next request says besides, unencoded.
        join: Makes one reply of all, in order. Raises as `Endpoint.decode`.
        endpoint: By which row the next request is made; None for the same.
    """

    reply: Any
    following: tuple[tuple[str, str], ...]
    join: Callable[[list[Any]], Any]
    endpoint: Endpoint | None = None


Mark = int | tuple[Any, ...]
"""How far a stream is: an id that only grows, or what a change of it would change."""


@dataclass(frozen=True, slots=True)
class Probe:
    """How to find out by REST whether a silent stream has missed something.

    Attributes:
        request: The question for a stream.
        present: Where the exchange is, by its answer.
        seen: Where the stream is, by an event of it.
        ticks: Whether the stream has events even where nothing happens.
        is_behind: Whether what was seen, by the answer, is not all; only what proves that counts.
    """

    request: Callable[[Stream], Request[Any]]
    present: Callable[[Any], Mark]
    seen: Callable[[Any], Mark]
    ticks: bool = False
    is_behind: Callable[[Any, Any], bool] = operator.lt


class MalformedError(Exception):
    """A frame or a body that the exchange's protocol does not allow; its text is the reason."""


class LacksWholeError(Exception):
    """A frame says what has changed of something that is not known."""


class Signer(Protocol):
    """Holds the key, blindly: its repr shows nothing of it."""

    def sign(self, query: str, timestamp_ns: int) -> tuple[str, Mapping[str, str]]:
        """The query to send, signed at the exchange's time, and the headers that belong to it.

        What goes into a body is signed by headers alone: it is sent as it was given.
        """
        ...


Decoded = MarketEvent | tuple[MarketEvent, ...]
"""What is in a frame: nearly always an event; else all of them, in order, and perhaps none."""


class StreamDecoder(Protocol):
    """Turns one stream's frames into events.

    Attributes:
        drifted: How many frames had fields or values that this version does not know.
    """

    drifted: int

    @property
    def recognise(self) -> Callable[[bytes, int], MarketEvent | None]:
        """The same as `decode` for a frame like one that was decoded; gives None for any other.

        Any thread may call it at any time, and it never raises; `decode` is for one at a time.
        """
        ...

    def decode(self, frame: bytes, received_time: int) -> Decoded:
        """What is in a frame read at `received_time` (ns).

        Raises:
            MalformedError: It cannot be read.
            LacksWholeError: It says what has changed, and a frame that says all has not come; only
                for a channel that is `Driver.cumulative`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Driver:
    """Everything the actors know of an exchange.

    Attributes:
        name: The exchange's lower-case name.
        market: Which of its markets this is.
        limits: Its documented limits.
        endpoints: REST requests by the type of the message that asks for them.
        urls: Where it is, for a configuration.
        signer: Made from a configuration's key; None where there is no key.
        refusal: (HTTP status, headers with lower-case names, body, epoch seconds) to what they
            mean; None for a success.
        used_weight: The exchange's own count of request weight in a response's headers, if any.
        stream: The stream that serves a subscription. Raises `ValidationError` naming the field.
        stream_name: The stream's name on the wire.
        command: (id, subscribe?, names) to the frame that changes subscriptions.
        list_command: A number to the frame that asks what the session carries, if there is one.
        ping_command: A number to the text that is a ping, which `Ponged` answers; None where the
            websocket's own pings are meant. It or `list_command` is needed.
        frame_prefix: How a data frame begins; the stream's name follows, up to the next `"`.
        control: What any other frame is. Raises `MalformedError`.
        decoder: A fresh decoder for a stream.
        snapshots: The depths of an order book's snapshots that differ in their cost, the least
            first; no book is deeper than the last. Empty where the stream of updates brings them.
        plural: Channels whose frames may have several events.
        cumulative: Channels whose frames say only what has changed since the one before: their
            decoders have to see each frame, in order.
        probes: How to find out whether a silent stream of a channel has missed something.
        rules: How the ids of a channel follow each other; `Rule.NONE` where missing.
        past: How many events one request for what was missed of a channel brings at most; what was
            missed of other channels cannot be had. Of ids without an order it brings the newest.
        account: Its trading; None where it is not known how.
    """

    name: str
    market: str
    limits: Limits
    endpoints: Mapping[type[Request[Any]], Endpoint]
    urls: Callable[[ExchangeConfig], Urls]
    signer: Callable[[ExchangeConfig], Signer | None]
    refusal: Callable[[int, Mapping[str, str], bytes, float], Refusal | None]
    used_weight: Callable[[Mapping[str, str]], int | None]
    stream: Callable[[SubscribeMarket], Stream]
    stream_name: Callable[[Stream], str]
    command: Callable[[int, bool, tuple[str, ...]], str]
    list_command: Callable[[int], str] | None
    frame_prefix: bytes
    control: Callable[[bytes], Control]
    decoder: Callable[[Stream], StreamDecoder]
    snapshots: tuple[int, ...]
    probes: Mapping[Channel, Probe]
    rules: Mapping[Channel, Rule] = field(default_factory=dict[Channel, Rule])
    past: Mapping[Channel, int] = field(default_factory=dict[Channel, int])
    ping_command: Callable[[int], str] | None = None
    cumulative: frozenset[Channel] = frozenset()
    plural: frozenset[Channel] = frozenset()
    account: AccountDriver | None = None
