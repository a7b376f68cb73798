"""What Bybit's REST answers carry, and what they become.

Each is `{"retCode":0,"retMsg":"OK","result":{…},"retExtInfo":{},"time":1671017382656}`.

Source: https://bybit-exchange.github.io/docs/v5/guide ("Common response parameters")
"""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

import msgspec

from ...messages.account import Balance
from ...messages.health import Pong, ServerTime
from ...messages.levels import Levels
from ...messages.market import OrderBook
from ...messages.requests import GetBalances, GetOrderBook, GetServerTime, Ping
from ..driver import MalformedError
from ..exact import difference
from ..instants import LATEST, from_milliseconds, no_instant
from ..numbers import number, price_levels, shortened, signed_number
from ..readers import BodyReader
from .names import EXCHANGE, symbol_of
from .wire import Id, Time

R = TypeVar("R")

IntegerText = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,19}\Z")]
"""A number that is written as text, such as an instant."""


class Answer(msgspec.Struct, Generic[R], rename="camel"):
    """What every answer is; a refusal has another `retCode`, and was told before."""

    ret_code: Literal[0]
    result: R
    time: Time = 0


class _Time(msgspec.Struct, rename="camel"):
    """{"timeSecond":"1688639403","timeNano":"1688639403423213947"}."""

    time_nano: IntegerText


class _Depth(msgspec.Struct, rename={"symbol": "s", "bids": "b", "asks": "a", "update_id": "u"}):
    """{"s":"BTCUSDT","a":[["65557.7","16.606555"]],"b":[["65485.47","47.081829"]],
    "ts":1716863719031,"u":230704,"seq":1432604333,"cts":1716863718905}.
    """

    symbol: str
    bids: msgspec.Raw
    asks: msgspec.Raw
    update_id: Id
    ts: Time
    cts: Time | None = None


class _Coin(msgspec.Struct, rename="camel"):
    """{"coin":"BTC","walletBalance":"0","locked":"0","spotBorrow":"0",…}."""

    coin: str
    wallet_balance: str
    locked: str


class _Wallet(msgspec.Struct, rename="camel"):
    """{"accountType":"UNIFIED","coin":[…],…}."""

    coin: tuple[_Coin, ...]


class _Wallets(msgspec.Struct):
    """{"list":[…]}, of one wallet."""

    list: tuple[_Wallet, ...]


_read_time = BodyReader(Answer[_Time])
_read_depth = BodyReader(Answer[_Depth])
_read_wallets = BodyReader(Answer[_Wallets])


def ping(body: bytes, request: Ping, received_time: int) -> Pong:
    """That it came is all that it says; who sent it knows how long it took."""
    _read_time(body)
    return Pong(0.0)


def server_time(body: bytes, request: GetServerTime, received_time: int) -> ServerTime:
    """The exchange's clock, to the nanosecond."""
    time = int(_read_time(body).result.time_nano)
    if time > LATEST:
        raise no_instant(time)
    return ServerTime(time)


def order_book(body: bytes, request: GetOrderBook, received_time: int) -> OrderBook:
    """Its update id is that of the deepest stream of updates, whatever the depth."""
    content = _read_depth(body).result
    if content.symbol != symbol_of(request.symbol):
        raise MalformedError(f"a book of {shortened(content.symbol)}, not {request.symbol}")
    return OrderBook(
        EXCHANGE,
        content.symbol,
        from_milliseconds(content.ts if content.cts is None else content.cts),
        received_time,
        content.update_id,
        Levels(price_levels(content.bids)),
        Levels(price_levels(content.asks)),
    )


def balances(body: bytes, request: GetBalances, received_time: int) -> tuple[Balance, ...]:
    """What the unified account holds, as of the answer: it does not say when that last changed.

    What is free is `walletBalance` less `locked`, which spot orders hold. What was borrowed is in
    it, since it can be used, though it is owed (`spotBorrow`); less than nothing is a debt. What
    positions need as margin is not taken off: it is counted for the account as a whole, in dollars.
    (`free`, `availableToWithdraw` and `availableToBorrow` are there, and empty.)

    Source: https://bybit-exchange.github.io/docs/v5/account/wallet-balance
    """
    content = _read_wallets(body)
    time = from_milliseconds(content.time) or received_time
    held = (
        balance_of(coin.coin, coin.wallet_balance, coin.locked, time, received_time)
        for each in content.result.list
        for coin in each.coin
    )
    return tuple(balance for balance in held if balance.free or balance.locked)


def balance_of(coin: str, total: str, locked: str, time: int, received_time: int) -> Balance:
    """What there is of a coin at a time (ns). Raises `MalformedError`."""
    held = number(locked)
    free = difference(signed_number(total), held)
    return Balance(EXCHANGE, time, received_time, coin, free, held, time)
