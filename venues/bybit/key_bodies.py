"""What Bybit says of a key, and what it becomes.

Source: https://bybit-exchange.github.io/docs/v5/user/apikey-info
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ...messages.account import KeyPermissions, KeyRestrictions
from ...messages.requests import GetKeyPermissions, GetKeyRestrictions
from ..readers import BodyReader
from .bodies import Answer
from .names import EXCHANGE, LINEAR

_ANY_ADDRESS = "*"
_TRADES = {
    LINEAR: (("ContractTrade", "Order"), ("Derivatives", "DerivativesTrade")),
}
_TRADES_SPOT = (("Spot", "SpotTrade"),)
_WITHDRAWS = ("Wallet", "Withdraw")


class _Key(msgspec.Struct, rename="camel"):
    """{"readOnly":1,"permissions":{"Spot":["SpotTrade"],"Wallet":["AccountTransfer"],…},
    "ips":["18.181.170.164"],…}; the key itself is there, too, and is not read.
    """

    read_only: int
    permissions: dict[str, tuple[str, ...]]
    ips: tuple[str, ...] = ()

    def may(self, *rights: tuple[str, str]) -> bool:
        """Whether it is more than read-only, and has one of these rights."""
        return self.read_only == 0 and any(
            name in self.permissions.get(group, ()) for group, name in rights
        )


_read_key = BodyReader(Answer[_Key])


def permissions_of(market: str) -> Callable[[bytes, GetKeyPermissions, int], KeyPermissions]:
    """What decodes the rights for a market."""

    def permissions(body: bytes, request: GetKeyPermissions, received_time: int) -> KeyPermissions:
        """The key's: Bybit tells nothing of the account behind it. A deposit needs no right."""
        key = _read_key(body).result
        names = [name for group in key.permissions.values() for name in group]
        return KeyPermissions(
            EXCHANGE,
            can_trade=key.may(*_TRADES.get(market, _TRADES_SPOT)),
            can_withdraw=key.may(_WITHDRAWS),
            can_deposit=True,
            permissions=tuple(dict.fromkeys(names)),
        )

    return permissions


def restrictions_of(market: str) -> Callable[[bytes, GetKeyRestrictions, int], KeyRestrictions]:
    """What decodes the key's own rights for a market."""

    def restrictions(
        body: bytes, request: GetKeyRestrictions, received_time: int
    ) -> KeyRestrictions:
        """Every key may read; trading is that on the market."""
        key = _read_key(body).result
        return KeyRestrictions(
            EXCHANGE,
            is_ip_restricted=bool(key.ips) and _ANY_ADDRESS not in key.ips,
            can_read=True,
            can_trade=key.may(*_TRADES.get(market, _TRADES_SPOT)),
            can_withdraw=key.may(_WITHDRAWS),
        )

    return restrictions
