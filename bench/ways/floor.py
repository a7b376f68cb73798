"""The ways without a framework: a websocket library, one typed pass, and a function call."""

from __future__ import annotations

import asyncio
import ssl
from importlib import import_module
from typing import Any

from ..meter import Job, Meter
from .typed import PREFIX, decoders


def picows(job: Job, *, decoded: bool = True, reads: bool = False) -> None:
    """picows, and msgspec into structs with `Decimal`s: what the others are compared with."""
    library: Any = import_module("picows")  # it has an environment of its own
    meter = Meter(job)
    take = meter.taker()
    lookup = decoders(job.streams)

    class Raw(library.WSListener):  # type: ignore[misc]
        def on_ws_frame(self, transport: Any, frame: Any) -> None:
            take(frame.get_payload_as_bytes())

    class Typed(library.WSListener):  # type: ignore[misc]
        def on_ws_frame(self, transport: Any, frame: Any) -> None:
            text = frame.get_payload_as_bytes()
            event = lookup[text[PREFIX : text.index(b'"', PREFIX)]](text).data
            if reads:
                read(event)
            take(event)

    async def run() -> None:
        trust = ssl.create_default_context(cafile=job.ca_file) if job.ca_file else None
        url = f"{job.stream_url}/stream?streams={'/'.join(job.streams)}"
        kind = Typed if decoded else Raw
        transport, _ = await library.ws_connect(kind, url, ssl_context=trust)
        meter.ready()
        await asyncio.to_thread(meter.done.wait)
        transport.disconnect()

    asyncio.run(run())


def websocket_client(job: Job) -> None:
    """websocket-client as it comes, and the same typed pass."""
    library: Any = import_module("websocket")
    meter = Meter(job)
    take, lookup = meter.taker(), decoders(job.streams)
    socket = library.create_connection(f"{job.stream_url}/stream?streams={'/'.join(job.streams)}")
    meter.ready()
    while not meter.done.is_set():
        text = socket.recv().encode()
        take(lookup[text[PREFIX : text.index(b'"', PREFIX)]](text).data)
    socket.close()


def read(event: Any) -> None:
    """Touch every level of an order book update."""
    if hasattr(event, "U"):
        for price, quantity in event.b:
            assert price is not quantity
        for price, quantity in event.a:
            assert price is not quantity
