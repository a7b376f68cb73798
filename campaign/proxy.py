"""A TCP proxy on loopback, whose links can be made to swallow everything."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from dataclasses import dataclass

HOST = "127.0.0.1"
CHUNK = 2**16
START_S = 10.0


@dataclass(eq=False)
class Link:
    """A client's connection, and ours to the exchange."""

    writers: list[asyncio.StreamWriter]
    swallows: bool = False

    def cut(self) -> None:
        """Reset both sides, if they are open."""
        for writer in self.writers:
            _reset(writer)


class Proxy:
    """Passes on what clients and the exchange on `target` send each other.

    It runs on a daemon thread of its own from `start` to `stop`.

    Args:
        target: The exchange's port.
        lag_s: Seconds that everything takes on its way, in both directions.

    Attributes:
        port: Where clients connect to.
        turned_away: How many dials were, so far.
    """

    def __init__(self, target: int, lag_s: float = 0.0) -> None:
        self.port = 0
        self.turned_away = 0
        self._target = target
        self._lag_s = lag_s
        self._links: set[Link] = set()
        self._is_shut = False
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="campaign-proxy", daemon=True)

    def start(self) -> None:
        """Open the port."""
        self._thread.start()
        if not self._ready.wait(START_S):
            raise TimeoutError("the proxy does not start")

    def stop(self) -> None:
        """Close every link, and end the thread."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def swallow(self) -> None:
        """From now on nothing passes on the links that are open; they do not end."""
        self._loop.call_soon_threadsafe(self._swallow)

    def turn_away(self, *, everybody: bool) -> None:
        """Reset new connections, or accept them again."""
        self._loop.call_soon_threadsafe(setattr, self, "_is_shut", everybody)

    def lag(self, seconds: float) -> None:
        """Have everything on new connections take so long on its way, in both directions."""
        self._loop.call_soon_threadsafe(setattr, self, "_lag_s", seconds)

    def _swallow(self) -> None:
        for link in self._links:
            link.swallows = True

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._loop.close()

    async def _main(self) -> None:
        server = await asyncio.start_server(self._accept, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for link in self._links:
            link.cut()
        while self._links:
            await asyncio.sleep(0)
        await asyncio.sleep(0)  # for what was reset last to be closed

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_shut:
            self.turned_away += 1
            _reset(writer)
            return
        link = Link([writer])
        self._links.add(link)
        try:
            back, forth = await asyncio.open_connection(HOST, self._target)
            link.writers.append(forth)
            await asyncio.gather(
                _pass_on(reader, forth, link, self._lag_s),
                _pass_on(back, writer, link, self._lag_s),
                return_exceptions=True,
            )
        except OSError:
            pass  # then there is no exchange any more
        finally:
            self._links.discard(link)
            link.cut()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link, lag_s: float
) -> None:
    """What one side sends goes to the other, and how it ends; nothing, once the link swallows."""
    try:
        while data := await reader.read(CHUNK):
            if lag_s:  # what comes meanwhile leaves together, later
                await asyncio.sleep(lag_s)
            if not link.swallows:
                writer.write(data)
                await writer.drain()
        if not link.swallows:
            writer.close()
    except ConnectionError:
        if not link.swallows:
            _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    """With a linger time of zero, closing sends RST instead of FIN."""
    held = writer.get_extra_info("socket")
    if held is not None and held.fileno() >= 0:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
