"""What a recording has said so far of one symbol's trades, candles and prices."""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec

from ..market.fixed import parse, product, text
from ..market.market import Trade

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

    def trade_rows(self) -> list[dict[str, Any]]:
        """The trades as REST has them."""
        return [_trade_row(msgspec.json.decode(payload)) for payload in self._trades]

    def aggregate_rows(self) -> list[dict[str, Any]]:
        """The aggregate trades as REST has them: the payload without its event fields."""
        rows = [msgspec.json.decode(payload) for payload in self._aggregates]
        return [{name: row[name] for name in AGGREGATE_ROW} for row in rows]

    def klines(self, interval: str) -> list[list[Any]]:
        """The candles so far, each in its newest state."""
        rows: dict[int, list[Any]] = {}
        for payload in self._klines.get(interval, []):
            candle = msgspec.json.decode(payload)["k"]
            rows[candle["t"]] = [candle.get(name, "0") for name in KLINE_ROW]
        return [rows[opened] for opened in sorted(rows)]

    def price(self) -> str:
        """The last price that was told, by whatever channel."""
        for channel, name in (("trade", "p"), ("aggTrade", "p"), ("ticker", "c")):
            if channel in self._latest:
                return str(self.latest(channel)[name])
        return str(self.latest("bookTicker").get("b", NOTHING))

    def day(self) -> dict[str, Any]:
        """The last recorded ticker as REST has it; zeros for what was not recorded."""
        known = self.latest("ticker") | self.latest("bookTicker") | {"c": self.price()}
        row: dict[str, Any] = {"symbol": self._symbol}
        for name, short in DAY.items():
            row[name] = known.get(short, 0 if name in NUMBERS else NOTHING)
        return row

    def top(self) -> dict[str, Any]:
        """The last recorded best bid and ask."""
        known = self.latest("bookTicker")
        names = {"bidPrice": "b", "bidQty": "B", "askPrice": "a", "askQty": "A"}
        row = {name: known.get(short, NOTHING) for name, short in names.items()}
        return {"symbol": self._symbol, **row}


def _trade(symbol: str, payload: bytes) -> Trade:
    fields = msgspec.json.decode(payload)
    price, quantity = parse(fields["p"]), parse(fields["q"])
    return Trade(symbol, fields["t"], price, quantity, fields["T"], fields["m"])


def _trade_row(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": fields["t"],
        "price": fields["p"],
        "qty": fields["q"],
        "quoteQty": text(product(parse(fields["p"]), parse(fields["q"]))),
        "time": fields["T"],
        "isBuyerMaker": fields["m"],
        "isBestMatch": True,
    }
