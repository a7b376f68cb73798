"""The account to try: `GET /api/v3/account` (rest-api.md "Account information")."""

from __future__ import annotations

from typing import Any

UID = 354_937_868
BALANCES = (
    ("BTC", "1.25000000", "0.00000000"),
    ("ETH", "20.00000000", "0.50000000"),
    ("USDT", "100000.00000000", "2500.00000000"),
    ("BNB", "0.00000000", "0.00000000"),
)


def account(update_time: int, *, omit_zero: bool) -> dict[str, Any]:
    """The body; `omit_zero` leaves out assets of which there is nothing."""
    return {
        "makerCommission": 10,
        "takerCommission": 10,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {
            "maker": "0.00100000",
            "taker": "0.00100000",
            "buyer": "0.00000000",
            "seller": "0.00000000",
        },
        "canTrade": True,
        "canWithdraw": False,
        "canDeposit": False,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": update_time,
        "accountType": "SPOT",
        "balances": [
            {"asset": asset, "free": free, "locked": locked}
            for asset, free, locked in BALANCES
            if not omit_zero or float(free) or float(locked)
        ],
        "permissions": ["SPOT"],
        "uid": UID,
    }
