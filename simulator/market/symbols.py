"""What the exchange lists: assets, price tick, lot step and where each symbol starts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .fixed import parse

QUOTES = ("USDT", "FDUSD", "BUSD", "USDC", "TUSD", "BTC", "ETH", "BNB", "EUR", "TRY", "RUB", "USD")


@dataclass(frozen=True)
class Listing:
    """One symbol; prices and quantities in units of 1e-8.

    `typical` is how much of the quote asset is about a thousand dollars.
    """

    symbol: str
    base: str
    quote: str
    start_price: int
    tick: int
    step: int
    typical: int


# symbol: start price, tick size, step size
KNOWN = {
    "BTCUSDT": ("67000.00", "0.01", "0.00001"),
    "ETHUSDT": ("3500.00", "0.01", "0.0001"),
    "BNBUSDT": ("600.00", "0.01", "0.001"),
    "SOLUSDT": ("150.00", "0.01", "0.001"),
    "ETHBTC": ("0.05200", "0.00001", "0.0001"),
}
THOUSAND = {"BTC": "0.015", "ETH": "0.29", "BNB": "1.7"}  # dollars; 1000 of any other asset
ANY = ("25.0000", "0.0001", "0.01")


def listing(symbol: str) -> Listing:
    """Describe `symbol`; one that is not in `KNOWN` starts at 25 of its quote asset."""
    price, tick, step = KNOWN.get(symbol, ANY)
    base, quote = assets(symbol)
    typical = parse(THOUSAND.get(quote, "1000"))
    return Listing(symbol, base, quote, parse(price), parse(tick), parse(step), typical)


def assets(symbol: str) -> tuple[str, str]:
    """Split `symbol` into base and quote asset by the usual quote assets."""
    for quote in QUOTES:
        if symbol.endswith(quote) and symbol != quote:
            return symbol.removesuffix(quote), quote
    half = len(symbol) // 2
    return symbol[:half], symbol[half:]


def normalised(symbol: str) -> str:
    """Upper-case `symbol`, refusing what no exchange would list."""
    upper = symbol.upper()
    if not re.fullmatch(r"[\w\-.]{1,50}", upper):
        raise ValueError(f"symbols: {symbol!r} is no symbol")
    return upper
