"""Whether an order keeps each rule of its symbol.

Source: https://developers.binance.com/docs/binance-spot-api-docs/filters
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from ..messages.account import Order
from ..messages.enums import OrderType, Side
from ..messages.errors import ValidationError
from ..messages.instruments import (
    Filter,
    LotSize,
    MarketLotSize,
    MaxAsset,
    MaxPosition,
    MinNotional,
    Notional,
    OrderCountLimit,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    SymbolInfo,
    TrailingDelta,
)
from ..messages.orders import OrderTerms
from .steps import EXACT, fewest, floor, is_whole, most_steps, nearest

_ZERO = Decimal(0)
_ALGORITHMIC = {
    OrderType.STOP_LOSS,
    OrderType.STOP_LOSS_LIMIT,
    OrderType.TAKE_PROFIT,
    OrderType.TAKE_PROFIT_LIMIT,
}
_STOPS = {OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT}
_OF_EXCHANGE = "EXCHANGE_"
"""So begins the name of a limit of all of an account's open orders, not only those of a symbol."""

Prices = Decimal | Mapping[int, Decimal]
"""The reference price of a symbol, or where it has none its averages by their minutes."""


class FilterCheck:
    """An order, and what is known beside it.

    Args:
        symbol: Whose rules they are.
        order: Its numbers were looked at.
        prices: Which bounds of the price are multiples of; None if not known.
        open_orders: All or some of the account's, of any symbol; None if not known.
        holding: Of the base asset, free and locked; None if not known.
    """

    def __init__(
        self,
        symbol: SymbolInfo,
        order: OrderTerms,
        prices: Prices | None,
        open_orders: Sequence[Order] | None,
        holding: Decimal | None,
    ) -> None:
        self._symbol, self._order, self._prices = symbol, order, prices
        self._orders = open_orders
        self._own = [each for each in open_orders or () if each.symbol == symbol.symbol]
        self._holding = holding
        self._is_market = order.type == OrderType.MARKET
        self._tick = _step(symbol, PriceFilter)
        self._step = _step(symbol, LotSize)

    def check(self, rule: Filter) -> None:
        """Raise `ValidationError` unless the order certainly keeps the rule, or may keep it."""
        match rule:
            case PriceFilter():
                self._check_price(rule)
            case MarketLotSize():
                if self._is_market:
                    self._check_lot("MARKET_LOT_SIZE", rule, ("quantity",))
            case LotSize():
                self._check_lot("LOT_SIZE", rule, ("quantity", "iceberg_quantity"))
            case MinNotional():
                if rule.apply_to_market or not self._is_market:
                    price = self._price(rule.average_minutes)
                    self._check_value("MIN_NOTIONAL", rule.min_notional, _ZERO, price)
            case Notional():
                least = rule.apply_min_to_market or not self._is_market
                most = rule.apply_max_to_market or not self._is_market
                self._check_value(
                    "NOTIONAL",
                    rule.min_notional if least else _ZERO,
                    rule.max_notional if most else _ZERO,
                    self._price(rule.average_minutes),
                )
            case PercentPrice():
                bounds = rule.multiplier_down, rule.multiplier_up
                self._check_distance("PERCENT_PRICE", *bounds, rule.average_minutes)
            case PercentPriceBySide():
                bounds = _of_side(rule, self._order.side)
                self._check_distance("PERCENT_PRICE_BY_SIDE", *bounds, rule.average_minutes)
            case OrderCountLimit():
                self._check_count(rule)
            case TrailingDelta():
                self._check_trailing(rule)
            case MaxPosition():
                self._check_position(rule)
            case MaxAsset():
                self._check_asset(rule)
            case _:
                pass

    def _check_price(self, rule: PriceFilter) -> None:
        for field in ("price", "stop_price"):
            value = getattr(self._order, field)
            if value is not None:
                bounds = rule.min_price, rule.max_price, rule.tick_size
                _check_number("PRICE_FILTER", field, Decimal(value), *bounds)

    def _check_lot(self, name: str, rule: LotSize, fields: Iterable[str]) -> None:
        for field in fields:
            value = getattr(self._order, field)
            if value is not None:
                bounds = rule.min_quantity, rule.max_quantity, rule.step_size
                _check_number(name, field, Decimal(value), *bounds)

    def _market_price(self, minutes: int | None) -> Decimal | None:
        """What stands for the market's price in a rule that has an average of so many minutes."""
        if isinstance(self._prices, Mapping):
            return None if minutes is None else self._prices.get(minutes)
        return self._prices

    def _price(self, minutes: int | None) -> Decimal | None:
        """What an order is worth is reckoned at; its own price if it has one."""
        return self._market_price(minutes) if self._is_market else self._order.price

    def _check_value(self, name: str, least: Decimal, most: Decimal, price: Decimal | None) -> None:
        """Price times quantity; of a market order that has none it is what it spends."""
        quantity, spent = self._order.quantity, self._order.quote_quantity
        if self._is_market and spent is not None:
            _check_number(name, "quote_quantity", Decimal(spent), least, most, _ZERO)
            return
        if price is None or quantity is None:
            return
        value = EXACT.multiply(price, quantity)
        if value < least:
            fitting = fewest(least, Decimal(price), self._step)
            reason = f"price times quantity must be {least:f} or more, is {value:f}"
        elif most and value > most:
            fitting = most_steps(most, Decimal(price), self._step)
            reason = f"price times quantity must be {most:f} or less, is {value:f}"
        else:
            return
        raise _refused(name, "quantity", quantity, reason, fitting)

    def _check_distance(self, name: str, down: Decimal, up: Decimal, minutes: int | None) -> None:
        market = self._market_price(minutes)
        if market is None or self._order.price is None:
            return
        least, most = EXACT.multiply(market, down), EXACT.multiply(market, up)
        price = Decimal(self._order.price)
        if not least <= price <= most:
            fitting = nearest(price, least, most, self._tick)
            reason = f"must be {least:f} to {most:f}"
            raise _refused(name, "price", price, reason, fitting)

    def _check_count(self, rule: OrderCountLimit) -> None:
        if rule.name == "ICEBERG_PARTS":
            self._check_parts(rule.limit)
            return
        count = self._open(rule.name)
        if count is not None and count >= rule.limit:
            reason = f"{rule.name}: {count} are open, {rule.limit} may be"
            raise ValidationError("symbol", self._order.symbol, reason)

    def _open(self, name: str) -> int | None:
        """How many open orders count for a limit, at least; None if that is not known."""
        if self._orders is None:
            return None
        orders = self._orders if name.startswith(_OF_EXCHANGE) else self._own
        match name.removeprefix(_OF_EXCHANGE):
            case "MAX_NUM_ORDERS":
                return len(orders)
            case "MAX_NUM_ALGO_ORDERS" if self._order.type in _ALGORITHMIC:
                return sum(each.type in _ALGORITHMIC for each in orders)
            case "MAX_NUM_ICEBERG_ORDERS" if self._order.iceberg_quantity:
                return sum(each.iceberg_quantity is not None for each in orders)
            case _:
                return None

    def _check_parts(self, limit: int) -> None:
        whole, shown = self._order.quantity, self._order.iceberg_quantity
        if whole is None or not shown or not limit:
            return
        if EXACT.multiply(shown, limit) < whole:
            fitting = fewest(Decimal(whole), Decimal(limit), self._step)
            reason = f"the quantity would be in more than {limit} parts"
            raise _refused("ICEBERG_PARTS", "iceberg_quantity", shown, reason, fitting)

    def _check_trailing(self, rule: TrailingDelta) -> None:
        delta = self._order.trailing_delta
        if delta is None or self._order.type not in _ALGORITHMIC:
            return
        is_above = (self._order.type in _STOPS) is (self._order.side == Side.BUY)
        least = rule.min_above if is_above else rule.min_below
        most = rule.max_above if is_above else rule.max_below
        if not least <= delta <= most:
            fitting = Decimal(min(max(delta, least), most))
            reason = f"must be {least} to {most}"
            raise _refused("TRAILING_DELTA", "trailing_delta", delta, reason, fitting)

    def _check_position(self, rule: MaxPosition) -> None:
        """What is held, what open orders may still buy, and the order.

        The exchange adds up the quantities of open orders and does not say whether what was
        executed of them counts twice, as it is held too: here it does not.
        """
        quantity = self._order.quantity
        if self._order.side != Side.BUY or quantity is None or self._holding is None:
            return
        position = self._holding
        for each in self._own:
            if each.side == Side.BUY:
                left = EXACT.subtract(each.quantity, each.executed_quantity)
                position = EXACT.add(position, max(left, _ZERO))
        if EXACT.add(position, quantity) > rule.max_position:
            room = max(EXACT.subtract(rule.max_position, position), _ZERO)
            reason = f"with {position:f} there may be {rule.max_position:f}"
            fitting = floor(room, self._step) or None
            raise _refused("MAX_POSITION", "quantity", quantity, reason, fitting)

    def _check_asset(self, rule: MaxAsset) -> None:
        """What a market order is worth is only known if it says what it spends."""
        quantity = self._order.quantity
        if rule.asset == self._symbol.quote_asset:
            price = None if self._is_market else self._order.price
            self._check_value("MAX_ASSET", _ZERO, rule.limit, price)
        elif rule.asset == self._symbol.base_asset and quantity and quantity > rule.limit:
            fitting = floor(rule.limit, self._step) or None
            reason = f"must be {rule.limit:f} or less"
            raise _refused("MAX_ASSET", "quantity", quantity, reason, fitting)


def _check_number(
    name: str, field: str, value: Decimal, least: Decimal, most: Decimal, step: Decimal
) -> None:
    if value < least:
        reason = f"must be {least:f} or more"
    elif most and value > most:
        reason = f"must be {most:f} or less"
    elif not is_whole(value, step):
        reason = f"must be a multiple of {step:f}"
    else:
        return
    raise _refused(name, field, value, reason, nearest(value, least, most, step))


def _refused(
    name: str, field: str, value: object, reason: str, fitting: Decimal | None
) -> ValidationError:
    """What is wrong by which rule, and the nearest value that would not be, if there is one."""
    hint = "" if fitting is None else f"; the nearest is {fitting:f}"
    return ValidationError(field, str(value), f"{name}: {reason}{hint}")


def _of_side(rule: PercentPriceBySide, side: str) -> tuple[Decimal, Decimal]:
    if side == Side.BUY:
        return rule.bid_multiplier_down, rule.bid_multiplier_up
    return rule.ask_multiplier_down, rule.ask_multiplier_up


def _step(symbol: SymbolInfo, kind: type[PriceFilter | LotSize]) -> Decimal:
    """The step of prices or quantities; 0 where there is none."""
    for rule in symbol.filters:
        if isinstance(rule, PriceFilter) and kind is PriceFilter:
            return rule.tick_size
        if type(rule) is LotSize and kind is LotSize:
            return rule.step_size
    return _ZERO
