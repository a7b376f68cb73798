"""The account, as replies."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from .market import BaseEvent, MarketEvent


# In MessagePack, `type` is the event's.
class Order(MarketEvent, frozen=True, gc=False, rename={"type": "order_type"}):
    """An order of the account, as it was at `update_time`.

    Attributes:
        order_id: The exchange's.
        client_order_id: The one that it was placed with.
        side: A `Side`.
        type: An `OrderType`, or the exchange's text where it is new, as for the next two.
        status: An `OrderStatus`.
        time_in_force: A `TimeInForce`.
        price: Of a limit order; 0 where there is none.
        quantity: Of the base asset; 0 where only `quote_quantity` was said and nothing is known.
        executed_quantity: How much of it was executed.
        executed_quote_quantity: What was paid for that, in the quote asset; less than 0 where the
            exchange no longer knows it.
        average_price: None while nothing was executed, or where that is not known.
        update_time: When it changed last, nanoseconds since the epoch.
        recovered: Whether it was found out afterwards, not received live.
        iceberg_quantity: How much of it shows in the book at a time; None where all of it does, or
            the exchange does not say.
    """

    order_id: str
    client_order_id: str
    side: str
    type: str
    status: str
    price: Decimal
    quantity: Decimal
    executed_quantity: Decimal
    executed_quote_quantity: Decimal
    average_price: Decimal | None
    time_in_force: str
    update_time: int
    recovered: bool = False
    iceberg_quantity: Decimal | None = None


class Fill(MarketEvent, frozen=True, gc=False):
    """One execution of an order of the account.

    Attributes:
        client_order_id: "" where the exchange does not say it of past executions.
        side: A `Side`: of the order.
        commission: What was paid for it, in `commission_asset`; less than 0 where the maker was.
        is_maker: Whether the order lay in the book.
        recovered: Whether it was found out afterwards, not received live.
    """

    trade_id: str
    order_id: str
    client_order_id: str
    side: str
    price: Decimal
    quantity: Decimal
    commission: Decimal
    commission_asset: str
    is_maker: bool
    trade_time: int
    recovered: bool = False


class Balance(BaseEvent, frozen=True):
    """What the account holds of one asset.

    Attributes:
        free: What can be used. On Bybit that is the wallet's balance less what is locked: borrowed
            coins are in it, the margin of positions is not taken off, and a debt is less than 0.
        locked: What open orders hold.
        update_time: When the account last changed, nanoseconds since the epoch; where the exchange
            does not tell, the time of its answer.
    """

    event_time: int
    received_time: int
    asset: str
    free: Decimal
    locked: Decimal
    update_time: int
    recovered: bool = False


class KeyPermissions(msgspec.Struct, frozen=True):
    """What the account behind the key may do; the key itself may be allowed less.

    On Binance the flags are the account's: `can_withdraw` is true for most accounts, whatever the
    key is allowed. What the key is allowed is in `KeyRestrictions`. Bybit tells only of the key: the
    flags are what it is allowed on the market, and a deposit, which needs no right, is always.

    Attributes:
        permissions: The exchange's names of what the account may use, such as `SPOT`.
    """

    exchange: str
    can_trade: bool
    can_withdraw: bool
    can_deposit: bool
    permissions: tuple[str, ...]


class KeyRestrictions(msgspec.Struct, frozen=True):
    """What the key itself is allowed, as its owner has set it at the exchange.

    Attributes:
        is_ip_restricted: Whether the exchange takes it from listed addresses only.
        can_read: Whether it may ask for balances and orders.
        can_trade: Whether it may place orders on the market.
        can_withdraw: Whether it may move funds out of the account.
    """

    exchange: str
    is_ip_restricted: bool
    can_read: bool
    can_trade: bool
    can_withdraw: bool
