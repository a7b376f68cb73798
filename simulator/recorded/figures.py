"""What a recording has said so far of one symbol's trades, candles and prices."""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec

from ..clock import TimeUnit
from ..market.events import Trade
from ..market.fixed import parse, product, text

KEPT_TRADES = 20_000
AGGREGATE_ROW = ("a", "p", "q", "f", "l", "T", "m", "M")
KLINE_ROW = ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B")
DAY = {
    "priceChange": "p",
    "priceChangePercent": "P",
    "weightedAvgPrice": "w",
    "prevClosePrice": "x",
    "lastPrice": "c",
    "lastQty": "Q",
    "bidPrice": "b",
    "bidQty": "B",
    "askPrice": "a",
    "askQty": "A",
    "openPrice": "o",
    "highPrice": "h",
    "lowPrice": "l",
    "volume": "v",
    "quoteVolume": "q",
    "openTime": "O",
    "closeTime": "C",
    "firstId": "F",
    "lastId": "L",
    "count": "n",
}
WINDOW = {
    name: short
    for name, short in DAY.items()
    if name not in {"prevClosePrice", "lastQty", "bidPrice", "bidQty", "askPrice", "askQty"}
}
WINDOWS_MS = {3_600_000: "ticker_1h", 14_400_000: "ticker_4h", 86_400_000: "ticker_1d"}
MICROSECONDS_FROM = 10**14
TIMES = {"openTime", "closeTime"}
NUMBERS = {"openTime", "closeTime", "firstId", "lastId", "count"}
NOTHING = "0.00000000"


class RecordedFigures:
    """Frames as they were played; decoded only when a REST request asks for them."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._trades: deque[bytes] = deque(maxlen=KEPT_TRADES)
        self._aggregates: deque[bytes] = deque(maxlen=KEPT_TRADES)
        self._klines: dict[str, list[bytes]] = {}
        self._latest: dict[str, bytes] = {}

    def played(self, channel: str, payload: bytes) -> None:
        """A frame of `channel` was sent."""
        self._latest[channel] = payload
        if channel == "trade":
            self._trades.append(payload)
        elif channel == "aggTrade":
            self._aggregates.append(payload)
        elif channel.startswith("kline_"):
            self._klines.setdefault(channel.removeprefix("kline_"), []).append(payload)

    def latest(self, channel: str) -> dict[str, Any]:
        """The newest payload of `channel`, or nothing."""
        payload = self._latest.get(channel)
        return msgspec.json.decode(payload, type=dict[str, Any]) if payload else {}

    def trades(self) -> list[Trade]:
        """The trades so far."""
        return [_trade(self._symbol, payload) for payload in self._trades]

    def trade_rows(self, unit: TimeUnit) -> list[dict[str, Any]]:
        """The trades as REST has them."""
        return [_trade_row(msgspec.json.decode(payload), unit) for payload in self._trades]

    def aggregate_rows(self, unit: TimeUnit) -> list[dict[str, Any]]:
        """The aggregate trades as REST has them: the payload without its event fields."""
        rows = [msgspec.json.decode(payload) for payload in self._aggregates]
        return [
            {name: row[name] for name in AGGREGATE_ROW} | {"T": _in_unit(row["T"], unit)}
            for row in rows
        ]

    def block_rows(self, unit: TimeUnit) -> list[dict[str, Any]]:
        """The newest block trade as REST has it."""
        fields = self.latest("blockTrade")
        if not fields:
            return []
        row = _trade_row(fields, unit)
        del row["isBestMatch"]
        return [row]

    def klines(
        self, interval: str, unit: TimeUnit, start_us: int | None, end_us: int | None
    ) -> list[list[Any]]:
        """The candles so far that opened in the window, each in its newest state."""
        rows: dict[int, list[Any]] = {}
        for payload in self._klines.get(interval, []):
            candle = msgspec.json.decode(payload)["k"]
            opened, closes = _microseconds(candle["t"]), candle["T"]
            if (start_us is not None and opened < start_us) or (
                end_us is not None and opened > end_us
            ):
                continue
            row = [candle.get(name, "0") for name in KLINE_ROW]
            row[0], row[6] = opened // unit, _in_unit(closes, unit, last=True)
            rows[opened] = row
        return [rows[opened] for opened in sorted(rows)]

    def price(self) -> str:
        """The last price that was told, by whatever channel."""
        for channel, name in (("trade", "p"), ("aggTrade", "p"), ("ticker", "c")):
            if channel in self._latest:
                return str(self.latest(channel)[name])
        return str(self.latest("bookTicker").get("b", NOTHING))

    def day(self, unit: TimeUnit) -> dict[str, Any]:
        """The last recorded ticker as REST has it; zeros for what was not recorded."""
        known = self.latest("ticker") | self.latest("bookTicker") | {"c": self.price()}
        return self._row(DAY, known, unit)

    def window(self, window_ms: int, unit: TimeUnit) -> dict[str, Any]:
        """The last recorded ticker of a window; that of 24 hours where there is none."""
        known = self.latest("ticker") | self.latest(WINDOWS_MS.get(window_ms, "ticker"))
        return self._row(WINDOW, known | {"c": self.price()}, unit)

    def reference(self, unit: TimeUnit) -> dict[str, Any]:
        """The last recorded reference price; `LookupError` if none was recorded so far."""
        known = self.latest("referencePrice")
        if not known:
            raise LookupError("no reference price was recorded")
        time = _in_unit(known.get("t", 0), unit)
        return {"symbol": self._symbol, "referencePrice": known.get("r"), "timestamp": time}

    def _row(self, names: dict[str, str], known: dict[str, Any], unit: TimeUnit) -> dict[str, Any]:
        row: dict[str, Any] = {"symbol": self._symbol}
        for name, short in names.items():
            row[name] = known.get(short, 0 if name in NUMBERS else NOTHING)
        for name in TIMES:
            row[name] = _in_unit(row[name], unit)
        return row

    def top(self) -> dict[str, Any]:
        """The last recorded best bid and ask."""
        known = self.latest("bookTicker")
        names = {"bidPrice": "b", "bidQty": "B", "askPrice": "a", "askQty": "A"}
        row = {name: known.get(short, NOTHING) for name, short in names.items()}
        return {"symbol": self._symbol, **row}


def _trade(symbol: str, payload: bytes) -> Trade:
    fields = msgspec.json.decode(payload)
    price, quantity, time_us = parse(fields["p"]), parse(fields["q"]), _microseconds(fields["T"])
    return Trade(symbol, fields["t"], price, quantity, time_us, fields["m"])


def _trade_row(fields: dict[str, Any], unit: TimeUnit) -> dict[str, Any]:
    return {
        "id": fields["t"],
        "price": fields["p"],
        "qty": fields["q"],
        "quoteQty": text(product(parse(fields["p"]), parse(fields["q"]))),
        "time": _in_unit(fields["T"], unit),
        "isBuyerMaker": fields["m"],
        "isBestMatch": True,
    }


def _microseconds(recorded: int) -> int:
    """A recorded time, which may have been recorded in either unit."""
    return recorded if recorded >= MICROSECONDS_FROM else recorded * 1_000


def _in_unit(recorded: int, unit: TimeUnit, *, last: bool = False) -> int:
    """A recorded time in `unit`; a millisecond that is the `last` of something ends with it."""
    whole = 999 if last and recorded < MICROSECONDS_FROM else 0
    return (_microseconds(recorded) + whole) // unit
