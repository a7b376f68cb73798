"""Answers about an account.

Source: account/wallet-balance.mdx, account/account-info.mdx, user/apikey-info.mdx.
"""

from __future__ import annotations

from typing import Any

from .callers import Caller
from .errors import bad_parameter
from .parameters import Query
from .wallet import Wallets

CREATED_MS = 1_697_078_946_000


class AccountQueries:
    """Answers about the account of the caller."""

    def __init__(self, wallets: Wallets) -> None:
        self._wallets = wallets

    def wallet(self, caller: Caller, query: Query) -> dict[str, Any]:
        """`GET /v5/account/wallet-balance`; `coin` names some, with commas between them."""
        if query.get("accountType") != "UNIFIED":
            raise bad_parameter("accountType only support UNIFIED.")
        coins = query["coin"].split(",") if "coin" in query else None
        return {"list": [self._wallets.row(caller.account, coins)]}

    def info(self, caller: Caller, query: Query) -> dict[str, Any]:
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

    def key(self, caller: Caller, query: Query) -> dict[str, Any]:
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
            "apiKey": caller.key.api_key,
            "readOnly": 0 if caller.key.can_trade else 1,
            "secret": "",
            "permissions": permissions,
            "ips": ["*"],
            "type": 1,
            "deadlineDay": 90,
            "expiredAt": "2096-01-01T00:00:00Z",
            "createdAt": "2023-10-12T02:49:06Z",
            "unified": 0,
            "uta": 1,
            "userID": caller.account.uid,
            "inviterID": 0,
            "vipLevel": "No VIP",
            "mktMakerLevel": "0",
            "affiliateID": 0,
            "rsaPublicKey": "",
            "isMaster": True,
            "parentUid": "0",
            "kycLevel": "LEVEL_1",
            "kycRegion": "",
            "userIDInt64": str(caller.account.uid),
            "inviterIDInt64": "0",
            "affiliateIDInt64": "0",
        }
