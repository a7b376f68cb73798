"""The account, as replies."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from .market import BaseEvent


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
