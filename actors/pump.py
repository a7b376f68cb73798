"""The thread that owns a session's socket: it dials, reads, sends, pings, and routes frames."""

from __future__ import annotations

import contextlib
import itertools
import logging
import socket
import threading
import time
from typing import Any

import msgspec
from websocket import WebSocketException

from ..messages.base import Address
from ..messages.errors import ProtocolError
from ..messages.rooms import FrameRejected
from ..venues.driver import Control, DataFrame, Driver, MalformedError
from .backlog import Parcel
from .dialling import DialError, dial
from .feed import Feed
from .frame import Frame, Route, excerpt
from .tape import Track
from .wire import OversizedError, Wire

_log = logging.getLogger("exchange_connector")
_Parcels = dict[Feed, Parcel]
_epochs = itertools.count(1)


class Dialled(msgspec.Struct, frozen=True):
    """The pump is connected; `epoch` numbers the connection, uniquely in the process."""

    number: int
    epoch: int


class DialFailed(msgspec.Struct, frozen=True):
    """The pump has ended without a connection; `wait` where the exchange wants us to wait."""

    number: int
    reason: str
    wait: float | None


class Lost(msgspec.Struct, frozen=True):
    """The pump has ended, and its subscribers were told."""

    number: int
    epoch: int
    reason: str


class Controlled(msgspec.Struct, frozen=True):
    """A frame came that is no market data."""

    number: int
    control: Control


class Pump:
    """One connection, from the attempt to its end; a new one is made for the next.

    Attributes:
        routes: Where each stream leads, by the bytes of its name; exchanged as a whole.
        unrouted: Frames of streams that nobody wants any more.
    """

    def __init__(
        self,
        number: int,
        url: str,
        driver: Driver,
        *,
        timeout: float,
        ping_interval: float,
        proxy: str,
        ca_file: str,
        owner: Address[Any],
        root: Address[Any],
        name: str,
        track: Track,
    ) -> None:
        self.number = number
        self.routes: dict[bytes, Route] = {}
        self.unrouted = 0
        self._url, self._timeout, self._proxy, self._ca_file = url, timeout, proxy, ca_file
        self._driver, self._owner, self._root = driver, owner, root
        self._wire = Wire(ping_interval)
        self._track = track
        self._socket: socket.socket | None = None
        self._is_stopping = False
        self._is_aborted = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    # any thread

    def post(self, text: str) -> bool:
        """Have a text sent; False where too much waits already."""
        self._track.sent(text)
        return self._wire.post(text)

    def stop(self, seconds: float) -> None:
        """Close politely, and less politely after `seconds`."""
        self._is_stopping = True
        self._wire.stop()
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
            dial(self._wire, self._url, self._timeout, self._proxy, self._opened, self._ca_file)
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
            _log.exception("a connection's thread broke", extra={"exchange": self._driver.name})
        finally:
            self._wire.end()
            self._track.closed(reason)
            self._interrupt(epoch)
            self._owner.tell(Lost(self.number, epoch, reason))

    def _opened(self, sock: socket.socket) -> None:
        self._socket = sock
        if self._is_aborted:
            raise ConnectionAbortedError("given up")

    def _pump(self, epoch: int) -> None:
        receive, begin = self._wire.receive, len(self._driver.frame_prefix)
        while True:
            self._pass_on(receive(), begin, epoch)

    def _pass_on(self, messages: list[bytes], begin: int, epoch: int) -> None:
        """Route what came together; what it names is let go of before more is waited for."""
        received = time.time_ns()
        self._track.keep(received, messages)
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
            frame = Frame(route.source, raw, received)
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

    def _stopping(self) -> bool:
        return self._is_stopping

    def _interrupt(self, epoch: int) -> None:
        """Tell every subscriber that was receiving, behind the last frame."""
        for route in self.routes.values():
            for mailbox in route.mailboxes:
                mailbox.feed.interrupt(mailbox, epoch)
