"""What a test can see of the exchange: requests, messages, frames, weights."""

from __future__ import annotations

from .faults.door import FaultDoor
from .journal import Control, Received
from .wire.record import Published


class Sights(FaultDoor):
    """Logs and figures; each may be read from any thread."""

    @property
    def requests(self) -> list[Received]:
        """REST requests so far, oldest first; bounded to the newest 20,000."""
        return self._server.call(lambda: list(self._box.journal.requests))

    @property
    def controls(self) -> list[Control]:
        """Websocket messages so far, oldest first; bounded to the newest 20,000."""
        return self._server.call(lambda: list(self._box.journal.controls))

    @property
    def lost(self) -> list[tuple[str, str]]:
        """Stream and payload of the frames lost by `lose`."""
        return self._server.call(lambda: list(self._box.hub.faults.lost))

    def published(self, stream: str) -> list[Published]:
        """What a market said on a stream since it was first subscribed to, oldest first.

        Also what a fault swallowed, and what was said while nobody was subscribed. Bounded to the
        newest `keep_published`; without that, nothing.
        """
        return self._server.call(lambda: self._box.hub.record.of(stream))

    @property
    def used_weight(self) -> int:
        """Request weight used in the present minute of the exchange's clock."""
        return self._server.call(lambda: self._box.meter.used)

    @property
    def peak_weight(self) -> int:
        """The highest weight used in any minute; refused requests count."""
        return self._box.meter.peak
