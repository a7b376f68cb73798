"""The book of a recording: the recorded snapshot, and the diffs played since."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from ..binance.payloads import partial_depth
from ..market.books import BookView, Level
from .recording import Snapshot


class _Diff(msgspec.Struct):
    U: int
    u: int
    b: list[Level]
    a: list[Level]


class _State:
    """A book being built; digits are kept as they came."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.update_id = snapshot.lastUpdateId
        self.bids = dict(snapshot.bids)
        self.asks = dict(snapshot.asks)

    def apply(self, diff: _Diff) -> None:
        if diff.u <= self.update_id:
            return
        for side, levels in ((self.bids, diff.b), (self.asks, diff.a)):
            for price, quantity in levels:
                if Decimal(quantity):
                    side[price] = quantity
                else:
                    side.pop(price, None)
        self.update_id = diff.u

    def levels(self) -> tuple[list[Level], list[Level]]:
        def price(level: Level) -> Decimal:
            return Decimal(level[0])

        return sorted(self.bids.items(), key=price, reverse=True), sorted(
            self.asks.items(), key=price
        )


class RecordedBook:
    """One symbol's book. Diffs are only decoded when somebody asks."""

    def __init__(self, symbol: str, snapshot: bytes | None) -> None:
        self._symbol = symbol
        self._body = snapshot
        self._diffs: list[bytes] = []
        self._state: _State | None = None
        self._applied = 0

    def expect(self, first_diff: bytes) -> None:
        """Without a snapshot the book begins empty, just before the first diff."""
        if self._body is None:
            begin = msgspec.json.decode(first_diff, type=_Diff).U - 1
            self._body = partial_depth(begin, [], [])

    def played(self, diff: bytes) -> None:
        """A diff was sent."""
        self._diffs.append(diff)

    def depth(self, limit: int) -> bytes:
        """The body of a depth request: first the recorded one, then the book so far."""
        if self._state is None:
            self._state = _State(self._snapshot())
            return self._recorded(limit)
        state = self._now()
        bids, asks = state.levels()
        return partial_depth(state.update_id, bids[:limit], asks[:limit])

    def view(self, update_id: int | None) -> BookView:
        """The book now, or right after the diff that ended with `update_id`.

        Raises:
            LookupError: if no diff played so far ended there.
        """
        state = _State(self._snapshot())
        for diff in self._diffs:
            if state.update_id == update_id:
                break
            state.apply(msgspec.json.decode(diff, type=_Diff))
        if update_id not in (None, state.update_id):
            raise LookupError(f"{self._symbol} has no book at update id {update_id}")
        bids, asks = state.levels()
        return BookView(self._symbol, state.update_id, tuple(bids), tuple(asks))

    def _now(self) -> _State:
        state = self._state = self._state or _State(self._snapshot())
        for diff in self._diffs[self._applied :]:
            state.apply(msgspec.json.decode(diff, type=_Diff))
        self._applied = len(self._diffs)
        return state

    def _snapshot(self) -> Snapshot:
        return msgspec.json.decode(self._body or partial_depth(0, [], []), type=Snapshot)

    def _recorded(self, limit: int) -> bytes:
        """The recorded body, untouched where it fits into `limit`."""
        snapshot = self._snapshot()
        if self._body and limit >= max(len(snapshot.bids), len(snapshot.asks)):
            return self._body
        return partial_depth(snapshot.lastUpdateId, snapshot.bids[:limit], snapshot.asks[:limit])
