"""What Binance's events of the account carry, as it is on the wire.

Each docstring shows the documented example. What is not read has a default, so that its
disappearance harms nothing; what is not listed here is drift and counted.

Source: https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..numbers import NumberText, SignedNumberText
from .wire import Id, Time


class Report(
    msgspec.Struct,
    frozen=True,
    rename={
        "event_time": "E",
        "symbol": "s",
        "client_order_id": "c",
        "original_client_order_id": "C",
        "side": "S",
        "type": "o",
        "time_in_force": "f",
        "quantity": "q",
        "price": "p",
        "iceberg_quantity": "F",
        "execution": "x",
        "status": "X",
        "order_id": "i",
        "last_quantity": "l",
        "executed_quantity": "z",
        "last_price": "L",
        "commission": "n",
        "commission_asset": "N",
        "time": "T",
        "trade_id": "t",
        "is_maker": "m",
        "executed_quote_quantity": "Z",
        "allocation_id": "a",
    },
):
    """An order has changed, or was executed (`x` is TRADE).

    {"e":"executionReport","E":1499405658658,"s":"ETHBTC","c":"mUvoqJxFIILMdfAW5iGSOW","S":"BUY",
    "o":"LIMIT","f":"GTC","q":"1.00000000","p":"0.10264410","P":"0.00000000","F":"0.00000000",
    "g":-1,"C":"","x":"NEW","X":"NEW","r":"NONE","i":4293153,"l":"0.00000000","z":"0.00000000",
    "L":"0.00000000","n":"0","N":null,"T":1499405658657,"t":-1,"v":3,"I":8641984,"w":true,
    "m":false,"M":false,"O":1499405658657,"Z":"0.00000000","Y":"0.00000000","Q":"0.00000000",
    "W":1499405658657,"V":"NONE"}
    """

    event_time: Time
    symbol: str
    client_order_id: str
    side: str
    type: str
    time_in_force: str
    quantity: NumberText
    price: NumberText
    execution: str
    status: str
    order_id: Id
    last_quantity: NumberText
    executed_quantity: NumberText
    last_price: NumberText
    commission: NumberText
    time: Time
    trade_id: int
    is_maker: bool
    executed_quote_quantity: NumberText
    iceberg_quantity: NumberText = "0"
    original_client_order_id: str = ""
    commission_asset: str | None = None
    allocation_id: int | None = None


class StrictReport(Report, frozen=True, forbid_unknown_fields=True):
    """The same, without any field that is not listed.

    Of stops `P`; of lists `g`; `r` why it was rejected, `eR` why it expired; `I`
    the execution's id; `w` whether it is in the book; `M` is to be ignored; `O` and `W` since when
    it is there and works; `Y` and `Q` amounts of the quote asset; `d` and `D` of trailing stops;
    `j` and `J` of strategies; `V`, `v`, `A`, `B`, `u`, `U`, `Cs`, `pl`, `pL` and `pY` of trades
    with oneself that were prevented; `b`, `k` and `uS` of smart order routing; `gP`, `gOT`, `gOV`
    and `gp` of pegged orders.
    """

    e: Any = None
    P: Any = None
    g: Any = None
    r: Any = None
    eR: Any = None
    I: Any = None
    w: Any = None
    M: Any = None
    O: Any = None
    W: Any = None
    Y: Any = None
    Q: Any = None
    d: Any = None
    D: Any = None
    j: Any = None
    J: Any = None
    V: Any = None
    v: Any = None
    A: Any = None
    B: Any = None
    u: Any = None
    U: Any = None
    Cs: Any = None
    pl: Any = None
    pL: Any = None
    pY: Any = None
    b: Any = None
    k: Any = None
    uS: Any = None
    gP: Any = None
    gOT: Any = None
    gOV: Any = None
    gp: Any = None


class Holding(msgspec.Struct, frozen=True, rename={"asset": "a", "free": "f", "locked": "l"}):
    """{"a":"ETH","f":"10000.000000","l":"0.000000"}."""

    asset: str
    free: NumberText
    locked: NumberText


class Position(
    msgspec.Struct,
    frozen=True,
    rename={"event_time": "E", "time": "u", "balances": "B"},
):
    """What there is of the assets that may have changed.

    {"e":"outboundAccountPosition","E":1564034571105,"u":1564034571073,
    "B":[{"a":"ETH","f":"10000.000000","l":"0.000000"}]}
    """

    event_time: Time
    time: Time
    balances: tuple[Holding, ...]


class StrictHolding(Holding, frozen=True, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""


class StrictPosition(Position, frozen=True, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""

    balances: tuple[StrictHolding, ...]
    e: Any = None


class Change(
    msgspec.Struct,
    frozen=True,
    rename={"event_time": "E", "asset": "a", "delta": "d", "time": "T"},
):
    """By how much an asset, or what is locked of it from outside, has changed.

    {"e":"balanceUpdate","E":1573200697110,"a":"BTC","d":"100.00000000","T":1573200697068}
    {"e":"externalLockUpdate","E":1581557507324,"a":"NEO","d":"10.00000000","T":1581557507268}
    """

    event_time: Time
    asset: str
    delta: SignedNumberText
    time: Time


class StrictChange(Change, frozen=True, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""

    e: Any = None
