"""What a recording has said so far of one symbol's trades, candles and prices."""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec

from ..market.events import Trade
from ..market.fixed import parse
from .payloads import encode
from .topics import Topic

KEPT_TRADES = 20_000
ROW = ("open", "high", "low", "close", "volume", "turnover")
NOT_IN_ROWS = ("tickDirection",)


class RecordedFigures:
    """Frames as they were played; decoded only when somebody asks for them."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._trades: deque[bytes] = deque(maxlen=KEPT_TRADES)
        self._klines: dict[str, list[bytes]] = {}
        self._tickers: list[bytes] = []
        self._ticker: dict[str, Any] = {}
        self._merged = 0

    def played(self, topic: Topic, payload: bytes) -> None:
        """A frame was sent."""
        match topic.kind:
            case "publicTrade":
                self._trades.append(payload)
            case "kline":
                self._klines.setdefault(topic.interval, []).append(payload)
            case "tickers":
                self._tickers.append(payload)
            case _:
                pass

    def first(self, topic: Topic) -> bytes | None:
        """What a new subscriber is sent of what was played so far."""
        if topic.kind == "kline" and topic.interval in self._klines:
            return self._klines[topic.interval][-1]
        if topic.kind != "tickers" or not self._tickers:
            return None
        last = msgspec.json.decode(self._tickers[-1], type=dict[str, Any])
        return encode({**last, "type": "snapshot", "data": self.ticker()})

    def ticker(self) -> dict[str, Any]:
        """The ticker so far, all deltas merged."""
        for payload in self._tickers[self._merged :]:
            frame = msgspec.json.decode(payload, type=dict[str, Any])
            before = {} if frame["type"] == "snapshot" else self._ticker
            self._ticker = {**before, **frame["data"]}
        self._merged = len(self._tickers)
        return self._ticker or {"symbol": self._symbol}

    def row(self) -> dict[str, Any]:
        """The row of `market/tickers`, as far as it was recorded."""
        return {name: told for name, told in self.ticker().items() if name not in NOT_IN_ROWS}

    def trade_rows(self, limit: int) -> list[dict[str, Any]]:
        """The rows of `market/recent-trade`, newest first."""
        return [_row(fields) for fields in self._fields()[-limit:][::-1]]

    def trades(self) -> list[tuple[str, Trade]]:
        """The trades so far, each with its id on the wire; a UUID has a running number as well."""
        return [
            (fields["i"], _trade(number, fields))
            for number, fields in enumerate(self._fields(), start=1)
        ]

    def candles(
        self, interval: str, start_us: int | None, end_us: int | None, limit: int
    ) -> list[list[str]]:
        """The rows of `market/kline`, newest first, each in its newest state."""
        rows: dict[int, list[str]] = {}
        for payload in self._klines.get(interval, []):
            for candle in msgspec.json.decode(payload)["data"]:
                opened_us = candle["start"] * 1_000
                if (start_us is None or opened_us >= start_us) and (
                    end_us is None or opened_us <= end_us
                ):
                    rows[opened_us] = [str(candle["start"]), *(candle[name] for name in ROW)]
        found = [rows[opened] for opened in sorted(rows)]
        oldest = start_us is not None and end_us is None
        return (found[:limit] if oldest else found[-limit:])[::-1]

    def _fields(self) -> list[dict[str, Any]]:
        return [row for payload in self._trades for row in msgspec.json.decode(payload)["data"]]


def _row(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "execId": fields["i"],
        "symbol": fields["s"],
        "price": fields["p"],
        "size": fields["v"],
        "side": fields["S"],
        "time": str(fields["T"]),
        "isBlockTrade": fields["BT"],
        "isRPITrade": fields.get("RPI", False),
        "seq": str(fields.get("seq", 0)),
    }


def _trade(number: int, fields: dict[str, Any]) -> Trade:
    number = int(fields["i"]) if fields["i"].isdecimal() else number
    price, quantity = parse(fields["p"]), parse(fields["v"])
    return Trade(fields["s"], number, price, quantity, fields["T"] * 1_000, fields["S"] == "Sell")
