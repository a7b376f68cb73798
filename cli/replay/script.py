"""What has to be known of a recording before it is replayed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qs

from ...actors.sockets.overlap import RETIRED
from ...messages.enums import Channel
from ...messages.notes import (
    AnyNote,
    CommandSent,
    ConnectionClosed,
    ConnectionOpened,
    FrameRead,
    RestAnswered,
    SubscriptionOpened,
)
from ...messages.requests import (
    SubscribeBookTicker,
    SubscribeKlines,
    SubscribeOrderBook,
    SubscribeOrderBookUpdates,
    SubscribeTicker,
    SubscribeTrades,
)
from ...messages.streams import Stream
from ...venues.control import Answered, DataFrame, Listed
from ...venues.driver import Driver, MalformedError
from ...venues.questions import GetListing, GetPastKlines, GetPastTrades, GetSnapshot
from .stage import Body

_REQUESTS: dict[str, Any] = {
    Channel.TICKER: SubscribeTicker,
    Channel.TRADES: SubscribeTrades,
    Channel.BOOK_TICKER: SubscribeBookTicker,
    Channel.KLINES: SubscribeKlines,
    Channel.ORDER_BOOK: SubscribeOrderBook,
    Channel.ORDER_BOOK_UPDATES: SubscribeOrderBookUpdates,
}
_NO_BOUND = 1 << 40


def request(note: SubscriptionOpened, subscriber: Any) -> Any:
    """The message that asks for the same again; its subscriber misses nothing for being slow."""
    more: dict[str, Any] = {"max_pending": _NO_BOUND}
    if note.channel == Channel.KLINES:
        more["interval"] = note.interval
    if note.channel == Channel.ORDER_BOOK:
        more["depth"] = note.depth
    return _REQUESTS[note.channel](symbol=note.symbol, subscriber=subscriber, **more)


class Script:
    """A recording's frames and answers, as the exchange's driver reads them."""

    def __init__(self, driver: Driver, notes: Sequence[AnyNote]) -> None:
        self._driver = driver
        self._notes = notes
        self._answers = [note for note in notes if isinstance(note, RestAnswered)]
        self._prefix = driver.frame_prefix
        self._names: set[str] = set()
        self._snapshots = driver.endpoints[GetSnapshot].path
        self._past = {driver.endpoints[each].path for each in (GetPastTrades, GetPastKlines)}
        self._listing = driver.endpoints[GetListing].path
        self._last_answers = self._proofs()

    def name(self, data: bytes) -> str:
        """The stream that a frame is of; "" where it does not say so."""
        if not data.startswith(self._prefix):
            return ""
        begin = len(self._prefix)
        name = data[begin : data.find(b'"', begin)].decode("utf-8", "replace")
        if name not in self._names:
            with contextlib.suppress(MalformedError):
                if not isinstance(self._driver.control(data), DataFrame):
                    return ""  # a notice, to every connection
            self._names.add(name)
        return name

    def book_stream(self, symbol: str) -> str:
        """The stream that a symbol's book is kept from."""
        return self._driver.stream_name(Stream(Channel.ORDER_BOOK_UPDATES, symbol))

    def stream(self, note: SubscriptionOpened) -> str:
        """The stream that a subscription is served from; "" for a book's."""
        channel = Channel(note.channel)
        if channel is Channel.ORDER_BOOK:
            return ""
        return self._driver.stream_name(Stream(channel, note.symbol, note.interval))

    def sessions(self, standing: Iterable[ConnectionOpened]) -> int:
        """How many there are, at most."""
        opened = [note for note in self._notes if isinstance(note, ConnectionOpened)]
        return max(1, len({each.session for each in (*standing, *opened)}))

    def is_answer(self, data: bytes) -> bool:
        """Whether a frame answers a command, which the stage does by itself."""
        return isinstance(self._control(data), Answered | Listed)

    def is_question(self, note: CommandSent) -> bool:
        """Whether it asks what a connection carries; what changes that names streams."""
        return "params" not in json.loads(note.text)

    def is_last_answer(self, note: FrameRead) -> bool:
        """Whether with it a connection had brought everything, and another one carried on."""
        return id(note) in self._last_answers

    def held(self, path: str, query: str) -> str:
        """What the answer to a request waits for, until the recording has come to it.

        A book's snapshot by its symbol: how deep it is depends on what was before the recording. What
        was missed of a stream by the whole request. "" is nothing: it is not in a replay.
        """
        values = parse_qs(query)
        if path == self._snapshots:
            depth = values.get("limit", [""])[0]
            is_for_a_book = depth.isdecimal() and int(depth) in self._driver.snapshots
            return values.get("symbol", [""])[0] if is_for_a_book else ""
        is_of_the_past = path in self._past and bool({"fromId", "startTime"} & values.keys())
        return f"{path}?{query}" if is_of_the_past else ""

    def past_stream(self, key: str) -> str:
        """The stream of which something was missed, where a request was held for that; else ""."""
        stream = self._past_of(key)
        return "" if stream is None else self._driver.stream_name(stream)

    def past_subject(self, key: str) -> str:
        """The same, as `CHANNEL:SYMBOL`."""
        stream = self._past_of(key)
        return "" if stream is None else f"{stream.channel}:{stream.symbol}"

    def _past_of(self, key: str) -> Stream | None:
        path, _, query = key.partition("?")
        if not query:
            return None
        values = {name: each[0] for name, each in parse_qs(query).items()}
        is_trades = path == self._driver.endpoints[GetPastTrades].path
        channel = Channel.TRADES if is_trades else Channel.KLINES
        return Stream(channel, values.get("symbol", ""), values.get("interval", ""))

    def key(self, note: RestAnswered) -> str:
        """What a request of the connector's own was held for; "" where it was not."""
        return self.held(note.path, note.query) if note.is_own else ""

    def listing(self) -> dict[str, Body]:
        """What is traded, as the exchange said first; nothing where that is not in the recording."""
        for note in self._answers:
            if note.is_own and note.path == self._listing and note.status and not note.size:
                return {self._listing: Body(note.status, note.data)}
        return {}

    def under_way(self, at: int) -> set[str]:
        """What was asked for then, and not answered."""
        return {self.key(note) for note in self._answers if asked_at(note) < at < note.at}

    def refused(self) -> dict[str, dict[str, Any]]:
        """The streams that the exchange has refused one by one, with its error."""
        asked: dict[tuple[int, int], list[str]] = {}
        refused: dict[str, dict[str, Any]] = {}
        for note in self._notes:
            if isinstance(note, CommandSent):
                command = json.loads(note.text)
                asked[note.connection, command["id"]] = command.get("params", [])
            elif isinstance(note, FrameRead) and not note.raw.startswith(self._prefix.decode()):
                answer = self._control(note.data)
                if isinstance(answer, Answered) and answer.error is not None:
                    error = answer.error
                    fields = {
                        "code": getattr(error, "code", 0),
                        "msg": getattr(error, "message", ""),
                    }
                    names = asked.get((note.connection, answer.id), [])
                    refused |= {name: fields for name in names if len(names) == 1}
        return refused

    def _proofs(self) -> set[int]:
        questions: set[tuple[int, int]] = set()
        latest: dict[int, int] = {}
        proofs: set[int] = set()
        for note in self._notes:
            match note:
                case CommandSent(connection=connection) if self.is_question(note):
                    questions.add((connection, json.loads(note.text)["id"]))
                case FrameRead(connection=connection):
                    answer = self._control(note.data)
                    number = getattr(answer, "id", None)
                    if (connection, number) in questions:
                        latest[connection] = id(note)
                case ConnectionClosed(connection=connection, reason=reason):
                    if reason == RETIRED and connection in latest:
                        proofs.add(latest[connection])
                case _:
                    pass
        return proofs

    def _control(self, data: bytes) -> Any:
        if data.startswith(self._prefix):
            return DataFrame(b"")
        try:
            return self._driver.control(data)
        except MalformedError:
            return None


def asked_at(note: RestAnswered) -> float:
    """When a request left (ns)."""
    return note.at - note.took * 1e9
