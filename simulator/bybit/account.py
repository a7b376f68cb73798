"""The account to try, which has never traded.

Source: account/wallet-balance.mdx, account/account-info.mdx, user/apikey-info.mdx.
"""

from __future__ import annotations

from typing import Any

from ..credentials import Credentials
from ..market.fixed import parse, product
from .errors import bad_parameter
from .numbers import stripped
from .parameters import Query

USER_ID = 354_937_868
BALANCES = {"BTC": ("1.25", "0"), "ETH": ("20.5", "0.5"), "USDT": ("102500", "2500")}
"""Of each coin all that is in the wallet, and how much of it is locked; other coins are not shown."""
DOLLARS = {"BTC": "67000", "ETH": "3500", "USDT": "1"}
CREATED_MS = 1_697_078_946_000


class Account:
    """Answers about the account."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def wallet(self, query: Query) -> dict[str, Any]:
        """`GET /v5/account/wallet-balance`; `coin` names some, with commas between them."""
        if query.get("accountType") != "UNIFIED":
            raise bad_parameter("accountType only support UNIFIED.")
        wanted = query["coin"].split(",") if "coin" in query else list(BALANCES)
        total = stripped(sum(_value(coin) for coin in BALANCES))
        totals = dict.fromkeys(
            ("totalEquity", "totalMarginBalance", "totalAvailableBalance", "totalWalletBalance"),
            total,
        )
        nothing = dict.fromkeys(
            (
                *("accountIMRate", "accountIMRateByMp", "totalInitialMargin"),
                *("totalInitialMarginByMp", "accountMMRate", "accountMMRateByMp", "totalPerpUPL"),
                *("accountLTV", "totalMaintenanceMargin", "totalMaintenanceMarginByMp"),
            ),
            "0",
        )
        coins = [_coin(coin) for coin in BALANCES if coin in wanted]
        return {"list": [{**totals, **nothing, "accountType": "UNIFIED", "coin": coins}]}

    def info(self, query: Query) -> dict[str, Any]:
        """`GET /v5/account/info`: a unified account 2.0."""
        return {
            "marginMode": "REGULAR_MARGIN",
            "updatedTime": str(CREATED_MS),
            "unifiedMarginStatus": 5,
            "dcpStatus": "OFF",
            "timeWindow": 10,
            "smpGroup": 0,
            "isMasterTrader": False,
            "spotHedgingStatus": "OFF",
        }

    def key(self, query: Query) -> dict[str, Any]:
        """`GET /v5/user/query-api`: what the key may do."""
        nothing: list[str] = []
        permissions = {
            "ContractTrade": ["Order", "Position"],
            "Spot": ["SpotTrade"],
            "Wallet": nothing,
            "Options": nothing,
            "Derivatives": ["DerivativesTrade"],
            "CopyTrading": nothing,
            "BlockTrade": nothing,
            "Exchange": nothing,
            "NFT": nothing,
            "Affiliate": nothing,
            "Earn": nothing,
            "FiatP2P": nothing,
            "FiatConvertBroker": nothing,
            "FiatGlobalPay": nothing,
            "FiatBitPay": nothing,
            "BitCard": nothing,
            "ByXPost": nothing,
        }
        return {
            "id": "2208369",
            "note": "simulated",
            "apiKey": self._credentials.api_key,
            "readOnly": 0,
            "secret": "",
            "permissions": permissions,
            "ips": ["*"],
            "type": 1,
            "deadlineDay": 90,
            "expiredAt": "2096-01-01T00:00:00Z",
            "createdAt": "2023-10-12T02:49:06Z",
            "unified": 0,
            "uta": 1,
            "userID": USER_ID,
            "inviterID": 0,
            "vipLevel": "No VIP",
            "mktMakerLevel": "0",
            "affiliateID": 0,
            "rsaPublicKey": "",
            "isMaster": True,
            "parentUid": "0",
            "kycLevel": "LEVEL_1",
            "kycRegion": "",
            "userIDInt64": str(USER_ID),
            "inviterIDInt64": "0",
            "affiliateIDInt64": "0",
        }


def _value(coin: str) -> int:
    """Its worth in dollars, in units of 1e-8."""
    return product(parse(DOLLARS[coin]), parse(BALANCES[coin][0]))


def _coin(coin: str) -> dict[str, Any]:
    held, locked = BALANCES[coin]
    nothing = dict.fromkeys(
        (
            *("bonus", "accruedInterest", "totalOrderIM", "totalPositionMM", "spotHedgingQty"),
            *("unrealisedPnl", "borrowAmount", "totalPositionIM", "cumRealisedPnl", "spotBorrow"),
        ),
        "0",
    )
    return {
        "availableToBorrow": "",
        "availableToWithdraw": "",
        **nothing,
        "equity": held,
        "usdValue": stripped(_value(coin)),
        "collateralSwitch": True,
        "walletBalance": held,
        "locked": locked,
        "marginCollateral": True,
        "coin": coin,
    }
