"""What an account holds, as REST and the wallet topic tell it.

Source: account/wallet-balance.mdx, websocket/private/wallet.mdx. `walletBalance` is all that is
held, `locked` what open orders of spot bind. There are neither margin nor loans, so that most of
the figures are nothing, and a coin is worth what its market began at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..market.fixed import ONE, product
from ..market.symbols import Listing
from ..trading.accounts import Account, Held
from .numbers import stripped

Row = dict[str, Any]
DOLLAR = "USDT"
IN_DOLLARS = ("totalEquity", "totalMarginBalance", "totalAvailableBalance", "totalWalletBalance")
NO_MARGIN = (
    *("accountIMRate", "accountIMRateByMp", "totalInitialMargin", "totalInitialMarginByMp"),
    *("accountMMRate", "accountMMRateByMp", "totalPerpUPL", "accountLTV"),
    *("totalMaintenanceMargin", "totalMaintenanceMarginByMp"),
)
NO_LOANS = (
    *("bonus", "accruedInterest", "totalOrderIM", "totalPositionMM", "spotHedgingQty"),
    *("unrealisedPnl", "borrowAmount", "totalPositionIM", "cumRealisedPnl", "spotBorrow"),
)


class Wallets:
    """Writes wallets; `listings` are the markets that say what coins are worth."""

    def __init__(self, listings: Mapping[str, Listing]) -> None:
        self._listings = listings

    def row(self, account: Account, coins: Collection[str] | None = None) -> Row:
        """A wallet, with the coins that are named, or else with all that it has any of."""
        if coins is None:
            coins = [coin for coin, held in account.held.items() if _all(held)]
        worth = sum(self._worth(coin, held) for coin, held in account.held.items())
        return {
            **dict.fromkeys(IN_DOLLARS, stripped(worth)),
            **dict.fromkeys(NO_MARGIN, "0"),
            "accountType": "UNIFIED",
            "coin": [
                self._coin(coin, account.held[coin]) for coin in coins if coin in account.held
            ],
        }

    def _coin(self, coin: str, held: Held) -> Row:
        in_all = stripped(_all(held))
        return {
            "availableToBorrow": "",
            "availableToWithdraw": "",
            **dict.fromkeys(NO_LOANS, "0"),
            "equity": in_all,
            "usdValue": stripped(self._worth(coin, held)),
            "collateralSwitch": True,
            "walletBalance": in_all,
            "locked": stripped(held.locked),
            "marginCollateral": True,
            "coin": coin,
        }

    def _worth(self, coin: str, held: Held) -> int:
        """In dollars, in units of 1e-8; nothing for a coin that has no price in them."""
        if coin == DOLLAR:
            return _all(held)
        market = self._listings.get(coin + DOLLAR)
        return product(market.start_price if market else 0, _all(held))


def _all(held: Held) -> int:
    return held.free + held.locked


def worth_of(listing: Listing, thousands: int) -> tuple[int, int]:
    """So many thousand dollars of a market's two coins: of the base, and of the quote."""
    quote = listing.typical * thousands
    return quote * ONE // listing.start_price, quote
