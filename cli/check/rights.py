"""What the key may do, and whether that is wise. Pure."""

from __future__ import annotations

from ...messages.account import KeyPermissions, KeyRestrictions
from ...messages.errors import ConnectorError
from .finding import Check, Finding, Value
from .refusals import advice_on

NO_KEY = (
    "No key is set, and market data needs none; for an account set EXCHANGE_CONNECTOR_API_KEY and "
    "EXCHANGE_CONNECTOR_API_SECRET."
)
_WITHDRAW = "A bot needs no withdrawals, and a thief would: take that right from the key."


def judge_key(
    account: KeyPermissions | ConnectorError,
    key: KeyRestrictions | ConnectorError | None,
    exchange: str,
    *,
    is_testnet: bool,
) -> Finding:
    """What the account may do, and the key where the exchange tells of it (None: not asked)."""
    if isinstance(account, ConnectorError):
        return Finding.wrong(Check.KEY, str(account), advice_on(account, exchange))
    if isinstance(key, KeyRestrictions):
        return _judge_rights(account, key)
    return _judge_account(account, is_testnet=is_testnet)


def _judge_rights(account: KeyPermissions, key: KeyRestrictions) -> Finding:
    can_trade = key.can_trade and account.can_trade
    figure = (
        f"accepted; it {_may(can_trade)} trade and {_may(key.can_withdraw)} withdraw, "
        f"from {'listed addresses only' if key.is_ip_restricted else 'any address'}"
    )
    values: dict[str, Value] = {
        "can_trade": can_trade,
        "can_withdraw": key.can_withdraw,
        "is_ip_restricted": key.is_ip_restricted,
    }
    if key.can_withdraw:
        return Finding.warning(Check.KEY, figure, _WITHDRAW, **values)
    if not account.can_trade:
        return Finding.warning(Check.KEY, figure, _LOCKED, **values)
    if not key.can_trade:
        advice = "Orders will be refused: if the bot is to trade, give the key that right."
        return Finding.warning(Check.KEY, figure, advice, **values)
    if not key.is_ip_restricted:
        advice = "Who steals this key can trade from anywhere: restrict it to the bot's address."
        return Finding.warning(Check.KEY, figure, advice, **values)
    return Finding.ok(Check.KEY, figure, **values)


_LOCKED = "Orders will be refused: the account itself may not trade; ask the exchange why."


def _judge_account(account: KeyPermissions, *, is_testnet: bool) -> Finding:
    figure = (
        f"accepted; the account {_may(account.can_trade)} trade and {_may(account.can_withdraw)} "
        "withdraw (the key's own rights are not told here)"
    )
    values: dict[str, Value] = {
        "account_can_trade": account.can_trade,
        "account_can_withdraw": account.can_withdraw,
        "account_can_deposit": account.can_deposit,
        "account_permissions": " ".join(account.permissions),
    }
    if not account.can_trade:
        return Finding.warning(Check.KEY, figure, _LOCKED, **values)
    if account.can_withdraw and not is_testnet:
        advice = "See in the exchange's API management that this key may not withdraw."
        return Finding.warning(Check.KEY, figure, advice, **values)
    return Finding.ok(Check.KEY, figure, **values)


def _may(flag: bool) -> str:
    return "may" if flag else "may not"
