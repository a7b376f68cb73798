"""What is listed in each category, and the rows of `instruments-info` (market/instrument.mdx)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..market.symbols import Listing, listing
from .numbers import decimals, fixed, stripped

LINEAR_PREMIUM = 2_000  # a contract begins this part of the price above spot
LAUNCH_MS = 1_585_526_400_000


@dataclass(frozen=True)
class Instrument:
    """One symbol in one category, and how its numbers are written."""

    category: str
    listing: Listing

    @classmethod
    def of(cls, category: str, symbol: str) -> Instrument:
        """The instrument of that name; a contract's price begins a little above that of spot."""
        spot = listing(symbol)
        if category == "spot":
            return cls(category, spot)
        premium = spot.start_price // LINEAR_PREMIUM // spot.tick * spot.tick
        return cls(category, replace(spot, start_price=spot.start_price + premium))

    @property
    def symbol(self) -> str:
        """Its name."""
        return self.listing.symbol

    def price(self, amount: int) -> str:
        """A price as the streams write it."""
        if self.category == "spot":
            return stripped(amount)
        return fixed(amount, decimals(self.listing.tick))

    def size(self, amount: int) -> str:
        """A quantity as the streams write it."""
        if self.category == "spot":
            return stripped(amount)
        return fixed(amount, decimals(self.listing.step))


def row(instrument: Instrument, number: int) -> dict[str, Any]:
    """The row of an instrument, the `number`-th of its category."""
    return (
        _spot(instrument, number) if instrument.category == "spot" else _linear(instrument, number)
    )


def _spot(instrument: Instrument, number: int) -> dict[str, Any]:
    one = instrument.listing
    step = stripped(one.step)
    return {
        "symbolId": 9 + number,
        "symbol": one.symbol,
        "baseCoin": one.base,
        "quoteCoin": one.quote,
        "innovation": "0",
        "status": "Trading",
        "marginTrading": "utaOnly",
        "stTag": "0",
        "lotSizeFilter": {
            "basePrecision": step,
            "quotePrecision": "0.0000001",
            "minOrderQty": step,
            "maxOrderQty": "230",
            "minOrderAmt": "5",
            "maxOrderAmt": "8000000",
            "maxLimitOrderQty": "230",
            "maxMarketOrderQty": "120",
            "postOnlyMaxLimitOrderSize": "1150",
        },
        "priceFilter": {"tickSize": stripped(one.tick)},
        "riskParameters": {"priceLimitRatioX": "0.005", "priceLimitRatioY": "0.01"},
        "symbolType": "",
        "xstockMultiplier": "1",
    }


def _linear(instrument: Instrument, number: int) -> dict[str, Any]:
    one = instrument.listing
    tick, step = stripped(one.tick), stripped(one.step)
    return {
        "symbol": one.symbol,
        "symbolId": 5 + number,
        "contractType": "LinearPerpetual",
        "status": "Trading",
        "baseCoin": one.base,
        "quoteCoin": one.quote,
        "launchTime": str(LAUNCH_MS),
        "deliveryTime": "0",
        "deliveryFeeRate": "",
        "priceScale": str(decimals(one.tick)),
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": tick, "maxPrice": "1999999.98", "tickSize": tick},
        "lotSizeFilter": {
            "maxOrderQty": "1190.000",
            "minOrderQty": step,
            "qtyStep": step,
            "postOnlyMaxOrderQty": "1190.000",
            "maxMktOrderQty": "500.000",
            "minNotionalValue": "5",
        },
        "unifiedMarginTrade": True,
        "fundingInterval": 480,
        "settleCoin": one.quote,
        "copyTrading": "both",
        "upperFundingRate": "0.005",
        "lowerFundingRate": "-0.005",
        "isPreListing": False,
        "preListingInfo": None,
        "riskParameters": {"priceLimitRatioX": "0.01", "priceLimitRatioY": "0.02"},
        "symbolType": "",
    }
