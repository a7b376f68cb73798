"""The filters of `exchangeInfo` and `myFilters`, checked.

Source: filters.md. The very rows that are told are those that are checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..market.fixed import ONE, parse, product
from ..trading.accounts import Account
from ..trading.orders import STOPS, Wanted
from ..trading.stops import waits_for_rise
from .errors import filter_failure
from .filter_rows import Row

ANY = 5  # minutes of the average, in a filter that does not say


@dataclass(frozen=True)
class Checked:
    """What the filters look at.

    Attributes:
        reference: The symbol's reference price; `None` if there is none.
        average: What counts then, the average price.
        last: What counts then in a filter whose `avgPriceMins` is 0.
    """

    wanted: Wanted
    account: Account
    base: str
    quote: str
    reference: int | None
    average: int
    last: int

    @property
    def is_market(self) -> bool:
        """Whether it has no price of its own."""
        return self.wanted.type == "MARKET"

    def market_price(self, row: Row) -> int:
        """The price that the market has for a filter."""
        if self.reference is not None:
            return self.reference
        return self.average if row.get("avgPriceMins", ANY) else self.last

    def notional(self, row: Row) -> int:
        """What it is worth, as a filter has it."""
        wanted = self.wanted
        if wanted.quote_quantity:
            return wanted.quote_quantity
        price = wanted.price or wanted.stop_price or self.market_price(row)
        return product(price, wanted.quantity)


def check_filters(rows: Sequence[Row], checked: Checked) -> None:
    """Check an order by each filter; raises `ApiError` -1013 naming the first that it fails."""
    for row in rows:
        passes = RULES.get(row["filterType"])
        if passes is not None and not passes(row, checked):
            raise filter_failure(row["filterType"])


def _within(value: int, least: str, most: str, step: str = "0") -> bool:
    """Whether a value keeps bounds and steps, each of which is none if it is 0."""
    low, high, grain = parse(least), parse(most), parse(step)
    if (low and value < low) or (high and value > high):
        return False
    return not grain or value % grain == 0


def _price(row: Row, checked: Checked) -> bool:
    wanted = checked.wanted
    prices = [price for price in (wanted.price, wanted.stop_price) if price]
    if not checked.is_market and not prices and not wanted.trailing_delta:
        return False
    return all(_within(one, row["minPrice"], row["maxPrice"], row["tickSize"]) for one in prices)


def _percent_by_side(row: Row, checked: Checked) -> bool:
    side = "bid" if checked.wanted.side == "BUY" else "ask"
    return _percent(checked, row, row[f"{side}MultiplierDown"], row[f"{side}MultiplierUp"])


def _percent_price(row: Row, checked: Checked) -> bool:
    return _percent(checked, row, row["multiplierDown"], row["multiplierUp"])


def _percent(checked: Checked, row: Row, down: str, up: str) -> bool:
    price = checked.wanted.price
    if not price:
        return True
    reference = checked.market_price(row)
    return reference * parse(down) <= price * ONE <= reference * parse(up)


def _lot(row: Row, checked: Checked) -> bool:
    wanted = checked.wanted
    if wanted.quote_quantity:  # shaped by the engine to fit
        return True
    sizes = [wanted.quantity, *([wanted.iceberg] if wanted.iceberg else [])]
    return all(
        size and _within(size, row["minQty"], row["maxQty"], row["stepSize"]) for size in sizes
    )


def _market_lot(row: Row, checked: Checked) -> bool:
    if not checked.is_market or checked.wanted.quote_quantity:
        return True
    return _within(checked.wanted.quantity, row["minQty"], row["maxQty"], row["stepSize"])


def _notional(row: Row, checked: Checked) -> bool:
    market = checked.is_market
    least = "0" if market and not row["applyMinToMarket"] else row["minNotional"]
    most = "0" if market and not row["applyMaxToMarket"] else row["maxNotional"]
    return _within(checked.notional(row), least, most)


def _min_notional(row: Row, checked: Checked) -> bool:
    if checked.is_market and not row["applyToMarket"]:
        return True
    return _within(checked.notional(row), row["minNotional"], "0")


def _iceberg_parts(row: Row, checked: Checked) -> bool:
    wanted = checked.wanted
    return not wanted.iceberg or -(-wanted.quantity // wanted.iceberg) <= row["limit"]


def _trailing(row: Row, checked: Checked) -> bool:
    wanted = checked.wanted
    if not wanted.trailing_delta:
        return True
    where = "Above" if waits_for_rise(wanted.type, wanted.side) else "Below"
    low, high = row[f"minTrailing{where}Delta"], row[f"maxTrailing{where}Delta"]
    return bool(low <= wanted.trailing_delta <= high)


def _orders(row: Row, checked: Checked) -> bool:
    open_ones = checked.account.open.values()
    here = sum(one.symbol == checked.wanted.symbol for one in open_ones)
    return bool(here < row["maxNumOrders"])


def _all_orders(row: Row, checked: Checked) -> bool:
    return bool(len(checked.account.open) < row["maxNumOrders"])


def _algo_orders(row: Row, checked: Checked) -> bool:
    if checked.wanted.type not in STOPS:
        return True
    symbol = checked.wanted.symbol
    stops = sum(
        one.symbol == symbol and one.wanted.type in STOPS and not one.is_working
        for one in checked.account.open.values()
    )
    return bool(stops < row["maxNumAlgoOrders"])


def _iceberg_orders(row: Row, checked: Checked) -> bool:
    if not checked.wanted.iceberg:
        return True
    symbol = checked.wanted.symbol
    open_ones = checked.account.open.values()
    icebergs = sum(one.symbol == symbol and one.wanted.iceberg > 0 for one in open_ones)
    return bool(icebergs < row["maxNumIcebergOrders"])


def _position(row: Row, checked: Checked) -> bool:
    wanted = checked.wanted
    if wanted.side == "SELL":
        return True
    held = checked.account.held[checked.base]
    buying = sum(
        one.left
        for one in checked.account.open.values()
        if one.symbol == wanted.symbol and one.side == "BUY"
    )
    return held.free + held.locked + buying + wanted.quantity <= parse(row["maxPosition"])


def _asset(row: Row, checked: Checked) -> bool:
    limit = parse(row["limit"])
    if row["asset"] == checked.base:
        return checked.wanted.quantity <= limit
    return row["asset"] != checked.quote or checked.notional(row) <= limit


RULES: dict[str, Callable[[Row, Checked], bool]] = {
    "PRICE_FILTER": _price,
    "PERCENT_PRICE": _percent_price,
    "PERCENT_PRICE_BY_SIDE": _percent_by_side,
    "LOT_SIZE": _lot,
    "MARKET_LOT_SIZE": _market_lot,
    "MIN_NOTIONAL": _min_notional,
    "NOTIONAL": _notional,
    "ICEBERG_PARTS": _iceberg_parts,
    "TRAILING_DELTA": _trailing,
    "MAX_NUM_ORDERS": _orders,
    "MAX_NUM_ALGO_ORDERS": _algo_orders,
    "MAX_NUM_ICEBERG_ORDERS": _iceberg_orders,
    "MAX_POSITION": _position,
    "EXCHANGE_MAX_NUM_ORDERS": _all_orders,
    "MAX_ASSET": _asset,
}
