"""The thread that owns a session's socket: it dials, reads, sends, pings, and routes frames."""

from __future__ import annotations

import contextlib
import itertools
import logging
import socket
import threading
import time
from typing import Any

from websocket import (
    WebSocketConnectionClosedException,
    WebSocketException,
    WebSocketPayloadException,
)

from ...core.limiter import DialBudget
from ...messages.base import Address
from ...messages.config import ConnectionConfig
from ...messages.errors import ProtocolError
from ...messages.rooms import FrameRejected
from ...venues.control import UNNUMBERED, DataFrame, Ponged
from ...venues.driver import Driver, MalformedError
from ..base.forks import PROCESS, is_foreign
from ..base.journal import say
from ..feeds.backlog import Parcel
from ..feeds.feed import Feed
from ..feeds.frame import Route, excerpt
from ..tapes.tape import Track
from .dialling import DialError, dial
from .notices import Controlled, DialFailed, Dialled, Lost, TookOver
from .overlap import RETIRED, Overlap
from .wire import OversizedError, Wire

_Parcels = dict[Feed, Parcel]
_epochs = itertools.count(1)
_PONG = Ponged(0)
"""Answers a ping of the wire's that was a text; a question of the session's has another number."""
_PONGS = _PONG, Ponged(UNNUMBERED)  # the wire's ping first: a question may be answered too late


class Pump:
    """One connection, from the attempt to its end; a new one is made for the next.

    Attributes:
        routes: Where each stream leads, by the bytes of its name; exchanged as a whole.
        outbox: What is to be sent.
        unrouted: Frames of streams that nobody wants any more.
        successor: What this connection shares with the one that is to take its place, if any.
        overlap: What it shares with the one whose place it takes, until all that may come on both
            has come.
    """

    def __init__(
        self,
        number: int,
        url: str,
        driver: Driver,
        *,
        config: ConnectionConfig,
        pong_timeout: float,
        pace: DialBudget,
        owner: Address[Any],
        root: Address[Any],
        name: str,
        track: Track,
        overlap: Overlap | None = None,
    ) -> None:
        self.number = number
        self.routes: dict[bytes, Route] = {}
        self.unrouted = 0
        self.successor: Overlap | None = None
        self.overlap = overlap
        self._url, self._config = url, config
        self._driver, self._owner, self._root = driver, owner, root
        ping = driver.ping_command(_PONG.id) if driver.ping_command is not None else None
        self._wire = Wire(config.ping_interval, pong_timeout, pace, ping)
        self.outbox = self._wire.outbox
        self._track = track
        self._socket: socket.socket | None = None
        self._is_stopping = self._is_aborted = self._has_taken_over = False
        self._generation = PROCESS.generation
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    # any thread

    def post(self, text: str) -> bool:
        """Have a text sent; False where too much waits already."""
        self._track.sent(text)
        return self.outbox.post(text)

    def doubt(self) -> None:
        """Have the peer pinged now."""
        self.outbox.doubt()

    def look(self) -> None:
        """Have it look at what it shares with another connection."""
        self.outbox.call()

    @property
    def heard(self) -> float:
        """When bytes came last, in monotonic seconds."""
        return self._wire.heard

    def stop(self, seconds: float) -> None:
        """Close politely, and less politely after `seconds`."""
        self._is_stopping = True
        self.outbox.stop()
        self._thread.join(seconds)
        if self._thread.is_alive():
            self.abort()

    def abort(self) -> None:
        """Shut the socket at once, whatever the thread is doing with it."""
        self._is_stopping = self._is_aborted = True
        sock = self._socket
        if sock is not None:
            with contextlib.suppress(OSError):  # closed already
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    @property
    def round_trip(self) -> float | None:
        """Seconds of the last ping; None before the first."""
        return self._wire.round_trip

    # the pump's own thread

    def _run(self) -> None:
        try:
            config = self._config
            way = config.timeout, config.proxy, self._opened, config.ca_file
            dial(self._wire, self._url, *way)
        except DialError as error:
            self._wire.end()
            self._owner.tell(DialFailed(self.number, str(error), error.wait))
            return
        epoch = next(_epochs)
        reason = "ended"
        try:
            self._track.opened(epoch)
            self._wire.begin()
            self._owner.tell(Dialled(self.number, epoch))
            self._pump(epoch)
        except OversizedError as error:
            reason = str(error)
            self._reject(reason, b"")
        except (WebSocketException, OSError) as error:
            reason = str(error) or type(error).__name__
        except Exception as error:  # noqa: BLE001 - a bug; the session redials, and it is logged
            reason = f"{type(error).__name__}: {error}"
            extra = {"exchange": self._driver.name}
            say(logging.ERROR, "a connection's thread broke", cause=error, extra=extra)
        finally:
            self._wire.end()
            if not is_foreign(self._generation):  # a callback that was inline has not forked
                self._track.closed(reason)
                if told := self._is_carrying:
                    self._interrupt(epoch)
                self._owner.tell(Lost(self.number, epoch, reason, told))

    def _opened(self, sock: socket.socket) -> None:
        self._socket = sock
        if self._is_aborted:
            raise ConnectionAbortedError("given up")

    def _pump(self, epoch: int) -> None:
        receive, begin = self._wire.receive, len(self._driver.frame_prefix)
        keep = self._track.keep
        while True:
            messages = receive()
            received = time.time_ns()
            keep(received, messages)
            if (overlap := self.overlap) is not None:
                fresh = self._shared(overlap, messages, begin, epoch, received)
            else:
                fresh = messages
            self._pass_on(fresh, begin, epoch, received)
            if (successor := self.successor) is not None:
                successor.delivered(messages)
                if successor.is_retired:
                    with contextlib.suppress(WebSocketException, OSError):
                        self._wire.send_close()
                    raise WebSocketConnectionClosedException(RETIRED)

    def _shared(
        self, overlap: Overlap, messages: list[bytes], begin: int, epoch: int, received: int
    ) -> list[bytes]:
        """What of it is to be delivered: nothing yet, or what the old connection had not brought."""
        if not self._has_taken_over:
            self._hold(overlap, messages, begin, epoch, received)
            return []
        if overlap.is_over(time.monotonic()):
            self.overlap = None
        is_data, done = self._is_data, overlap.has_delivered
        return [raw for raw in messages if not (done(raw) and is_data(raw, begin))]

    def _is_data(self, raw: bytes, begin: int) -> bool:
        """Whether it is of a stream; answers look the same on each connection."""
        if raw[begin : raw.find(b'"', begin)] in self.routes:
            return True
        with contextlib.suppress(MalformedError):
            return isinstance(self._driver.control(raw), DataFrame)
        return False

    def _hold(
        self, overlap: Overlap, messages: list[bytes], begin: int, epoch: int, received: int
    ) -> None:
        """Deliver nothing yet, or begin to."""
        find = self.routes.get
        data: list[bytes] = []
        for raw in messages:
            if find(raw[begin : raw.find(b'"', begin)]) is not None or self._look_closer(
                raw, {}, epoch
            ):
                data.append(raw)
        overlap.hold(data, received)
        if overlap.is_full:
            raise WebSocketPayloadException("more was held than there is room for")
        if overlap.is_open:
            self._take_over(overlap, begin, epoch)

    def _take_over(self, overlap: Overlap, begin: int, epoch: int) -> None:
        overlap.move(self.routes, epoch)
        for messages, received in overlap.held():
            self._pass_on(messages, begin, epoch, received)
        self._has_taken_over = True
        overlap.taken_over(time.monotonic())
        self._owner.tell(TookOver(self.number))

    def _pass_on(self, messages: list[bytes], begin: int, epoch: int, received: int) -> None:
        """Route what came together; what it names is let go of before more is waited for."""
        find = self.routes.get
        parcels: _Parcels = {}
        feed: Feed | None = None
        parcel: Parcel = []
        for raw in messages:
            route = find(raw[begin : raw.find(b'"', begin)])
            if route is None:
                feed = None
                route = self._look_closer(raw, parcels, epoch)
                if route is None:
                    continue
            source = route.source
            source.latest, source.latest_at = raw, received
            frame = source.frame(source, raw, received)
            for mailbox in route.mailboxes:
                if mailbox.feed is not feed:
                    feed = mailbox.feed
                    parcel = parcels.setdefault(feed, [])
                parcel.append((mailbox, frame))
        self._put(parcels, epoch)

    def _put(self, parcels: _Parcels, epoch: int) -> None:
        for feed, parcel in parcels.items():
            feed.hand_over(parcel, epoch, self._stopping)
        parcels.clear()

    def _look_closer(self, raw: bytes, parcels: _Parcels, epoch: int) -> Route | None:
        """What the quick look did not recognise."""
        try:
            control = self._driver.control(raw)
        except MalformedError as error:
            self._reject(str(error), raw)
            return None
        if not isinstance(control, DataFrame):
            if control in _PONGS and self._wire.ponged():
                return None
            self._put(parcels, epoch)  # what came before an answer is delivered before it
            self._owner.tell(Controlled(self.number, control))
            return None
        route = self.routes.get(control.name)
        if route is None:
            self.unrouted += 1
        return route

    def _reject(self, reason: str, raw: bytes) -> None:
        error = ProtocolError(reason, excerpt(raw), exchange=self._driver.name)
        self._root.tell(FrameRejected(error))

    @property
    def _is_carrying(self) -> bool:
        """Whether the subscribers are this connection's, so that it tells them of its end."""
        if self.overlap is not None and not self.overlap.is_open:
            return False
        return self.successor is None or self._is_stopping

    def _stopping(self) -> bool:
        return self._is_stopping

    def _interrupt(self, epoch: int) -> None:
        """Tell every subscriber that was receiving, behind the last frame."""
        for route in self.routes.values():
            route.interrupt(epoch)
