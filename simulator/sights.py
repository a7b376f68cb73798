"""What a test can see of the exchange: requests, messages, frames, weights."""

from __future__ import annotations

from .faults.door import FaultDoor
from .journal import Control, Received
from .market.books import BookView
from .market.events import Trade
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

    def published(self, stream: str, *, beginnings: bool = False) -> list[Published]:
        """What a market said on a stream since it was first subscribed to, oldest first.

        Also what a fault swallowed, and what was said while nobody was subscribed. Bounded to the
        newest `keep_published`; without that, nothing.

        Args:
            stream: its name.
            beginnings: whether also what single connections were told when they subscribed. Of
                Bybit.
        """
        record = self._box.hub.record
        return self._server.call(lambda: record.of(stream, beginnings=beginnings))

    @property
    def used_weight(self) -> int:
        """Request weight used in the present minute of the exchange's clock.

        Of Bybit it is the requests of the last five seconds.
        """
        return self._server.call(lambda: self._box.meter.used)

    @property
    def weight_window(self) -> str:
        """What that is the weight of, in words: "this minute", "five seconds"."""
        return self._box.meter.window

    @property
    def peak_weight(self) -> int:
        """The highest weight used in any such window; refused requests count."""
        return self._box.meter.peak

    def book(
        self,
        symbol: str,
        update_id: int | None = None,
        *,
        category: str | None = None,
        depth: int | None = None,
    ) -> BookView:
        """The true book of `symbol`, now or at a recent `update_id`.

        Args:
            symbol: one that is listed.
            update_id: of the whole book, or of the book of a `depth`.
            category: the market, `spot` if none is given; only where an exchange has several.
            depth: of the topic whose update ids are meant, 1000 if none is given; only where an
                exchange numbers the book of each depth for itself. Without an `update_id` it is the
                book that the topic told last.

        Raises:
            LookupError: if that id is not remembered, or not reached yet, or the symbol not listed.
        """
        return self._server.call(lambda: self._box.book(symbol, update_id, category, depth))

    def trades(self, symbol: str, *, category: str | None = None) -> list[Trade]:
        """The trades of `symbol` so far, oldest first; bounded to the newest 20,000.

        Raises:
            LookupError: if the symbol is not listed, or there is no such category.
        """
        return self._server.call(lambda: self._box.trades(symbol, category))

    def trades_by_id(self, symbol: str, *, category: str | None = None) -> dict[str, Trade]:
        """The same by their ids on the wire.

        Where those are no numbers, the `trade_id` of a `Trade` is a running number.
        """
        return self._server.call(lambda: self._box.trades_by_id(symbol, category))
