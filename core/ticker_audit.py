"""Is an order book what the exchange's book tickers say? They carry the same update ids."""

from __future__ import annotations

from collections import deque

from ..messages.levels import Levels, PriceLevel
from ..messages.market import BookTicker

_RECENT = 16
"""States, and tickers that are ahead of them, that are remembered: the two streams race."""

_Side = list[bytes]


class TickerAudit:
    """Compares the best bid and ask at update ids that were both a book's and a ticker's."""

    __slots__ = ("_states", "_tickers")

    def __init__(self) -> None:
        self._states: deque[tuple[int, _Side, _Side]] = deque(maxlen=_RECENT)
        self._tickers: deque[BookTicker] = deque(maxlen=_RECENT)

    def clear(self) -> None:
        """Another book begins."""
        self._states.clear()
        self._tickers.clear()

    def reached(self, update_id: int, bids: _Side, asks: _Side) -> None:
        """The book was this, best level first, at this id."""
        self._states.append((update_id, bids[:1], asks[:1]))

    def heard(self, ticker: BookTicker) -> None:
        """The exchange says this."""
        self._tickers.append(ticker)

    def contradiction(self) -> BookTicker | None:
        """A ticker that says otherwise than the book did; each is looked at once."""
        if not self._tickers or not self._states:
            return None
        reached = self._states[-1][0]
        if self._tickers[0].update_id > reached:
            return None
        states = {update_id: (bids, asks) for update_id, bids, asks in self._states}
        while self._tickers and self._tickers[0].update_id <= reached:
            ticker = self._tickers.popleft()
            state = states.get(ticker.update_id)
            if state is not None and not _is_shown(ticker, *state):
                return ticker
        return None


def _is_shown(ticker: BookTicker, bids: _Side, asks: _Side) -> bool:
    """Of a side without levels a ticker says nothing that could be compared."""
    bid = PriceLevel(ticker.bid_price, ticker.bid_quantity)
    ask = PriceLevel(ticker.ask_price, ticker.ask_quantity)
    return all(not side or Levels(side)[0] == best for side, best in ((bids, bid), (asks, ask)))
