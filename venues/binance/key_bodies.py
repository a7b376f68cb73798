"""What Binance's answers say of the key and of the account behind it, and what they become.

Sources: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints
https://developers.binance.com/docs/wallet/account/api-key-permission
"""

from __future__ import annotations

import msgspec

from ...messages.account import KeyPermissions, KeyRestrictions
from ...messages.requests import GetKeyPermissions, GetKeyRestrictions
from ..readers import BodyReader
from .names import EXCHANGE


class _Account(msgspec.Struct, rename="camel"):
    """{"canTrade":true,"canWithdraw":true,"canDeposit":true,"permissions":["SPOT"],…}."""

    can_trade: bool
    can_withdraw: bool
    can_deposit: bool
    permissions: tuple[str, ...] = ()


class _Restrictions(msgspec.Struct, rename="camel"):
    """{"ipRestrict":false,"enableReading":true,"enableSpotAndMarginTrading":false,…}."""

    ip_restrict: bool
    enable_reading: bool
    enable_withdrawals: bool
    enable_spot_and_margin_trading: bool


_read_account = BodyReader(_Account)
_read_restrictions = BodyReader(_Restrictions)


def permissions(body: bytes, request: GetKeyPermissions, received_time: int) -> KeyPermissions:
    """The account's flags."""
    content = _read_account(body)
    return KeyPermissions(
        EXCHANGE,
        can_trade=content.can_trade,
        can_withdraw=content.can_withdraw,
        can_deposit=content.can_deposit,
        permissions=content.permissions,
    )


def restrictions(body: bytes, request: GetKeyRestrictions, received_time: int) -> KeyRestrictions:
    """The key's own rights."""
    content = _read_restrictions(body)
    return KeyRestrictions(
        EXCHANGE,
        is_ip_restricted=content.ip_restrict,
        can_read=content.enable_reading,
        can_trade=content.enable_spot_and_margin_trading,
        can_withdraw=content.enable_withdrawals,
    )
