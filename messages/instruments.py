"""What can be traded, and the rules an order must keep.

Source of the rules: binance-spot-api-docs, filters.md.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from .enums import SymbolStatus


class RateLimit(msgspec.Struct, frozen=True):
    """A limit that the exchange names.

    Attributes:
        kind: The exchange's name for what is counted, such as `REQUEST_WEIGHT`.
        period: The counting period in seconds.
        limit: The most that may be counted within it.
    """

    kind: str
    period: float
    limit: int


class PriceFilter(msgspec.Struct, frozen=True, tag=True):
    """Bounds and step of a price; a bound of 0 is none."""

    min_price: Decimal
    max_price: Decimal
    tick_size: Decimal


class LotSize(msgspec.Struct, frozen=True, tag=True):
    """Bounds and step of a quantity."""

    min_quantity: Decimal
    max_quantity: Decimal
    step_size: Decimal


class MarketLotSize(LotSize, frozen=True, tag=True):
    """Bounds and step of a market order's quantity; a step of 0 is none."""


class MinNotional(msgspec.Struct, frozen=True, tag=True):
    """The least value (price times quantity) of an order; of a market order by the market's price.

    Attributes:
        average_minutes: Of which average that is, where the symbol has no reference price; 0 is the
            last price; None where the exchange does not say. So it is of the next three.
    """

    min_notional: Decimal
    apply_to_market: bool
    average_minutes: int | None = None


class Notional(msgspec.Struct, frozen=True, tag=True):
    """The least and the greatest value (price times quantity) of an order."""

    min_notional: Decimal
    apply_min_to_market: bool
    max_notional: Decimal
    apply_max_to_market: bool
    average_minutes: int | None = None


class PercentPrice(msgspec.Struct, frozen=True, tag=True):
    """Bounds of a price, as multiples of the market's price."""

    multiplier_up: Decimal
    multiplier_down: Decimal
    average_minutes: int | None = None


class PercentPriceBySide(msgspec.Struct, frozen=True, tag=True):
    """Bounds of a price by side, as multiples of the market's price."""

    bid_multiplier_up: Decimal
    bid_multiplier_down: Decimal
    ask_multiplier_up: Decimal
    ask_multiplier_down: Decimal
    average_minutes: int | None = None


class OrderCountLimit(msgspec.Struct, frozen=True, tag=True):
    """The most open orders of a kind; `name` is the exchange's name of the filter."""

    name: str
    limit: int


class TrailingDelta(msgspec.Struct, frozen=True, tag=True):
    """Bounds of the distance of a trailing stop, in basis points.

    `above` is of orders that are triggered above the market's price (stops that buy, take-profits
    that sell), `below` of the others.
    """

    min_above: int
    max_above: int
    min_below: int
    max_below: int


class MaxPosition(msgspec.Struct, frozen=True, tag=True):
    """How much of the base asset an account may have, what its open orders buy included."""

    max_position: Decimal


class MaxAsset(msgspec.Struct, frozen=True, tag=True):
    """How much of an asset one order of the account may be about: of the base asset its quantity,
    of the quote asset its value.
    """

    asset: str
    limit: Decimal


class OtherFilter(msgspec.Struct, frozen=True, tag=True):
    """A filter that this library has no type for, with its fields as text."""

    name: str
    fields: dict[str, str]


Filter = (
    PriceFilter
    | LotSize
    | MarketLotSize
    | MinNotional
    | Notional
    | PercentPrice
    | PercentPriceBySide
    | OrderCountLimit
    | TrailingDelta
    | MaxPosition
    | MaxAsset
    | OtherFilter
)


class SymbolInfo(msgspec.Struct, frozen=True):
    """What the exchange says of one symbol.

    Attributes:
        status: A `SymbolStatus`, or the exchange's text where it is new.
        order_types: `OrderType`s, or the exchange's text where they are new.
        filters: The rules an order of this symbol must keep.
    """

    symbol: str
    status: SymbolStatus | str
    base_asset: str
    quote_asset: str
    order_types: tuple[str, ...]
    filters: tuple[Filter, ...]


class ExchangeInfo(msgspec.Struct, frozen=True):
    """What can be traded, and within which limits; `server_time` in nanoseconds."""

    symbols: tuple[SymbolInfo, ...]
    rate_limits: tuple[RateLimit, ...]
    server_time: int
