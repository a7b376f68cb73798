"""What happens on a market. Prices and quantities are in units of 1e-8, times in microseconds."""

from __future__ import annotations

from typing import NamedTuple


class Trade(NamedTuple):
    """One trade; price and quantity in units of 1e-8, time in microseconds."""

    symbol: str
    trade_id: int
    price: int
    quantity: int
    time_us: int
    buyer_is_maker: bool


class AggregateTrade(NamedTuple):
    """The trades of one taker order at one price."""

    symbol: str
    aggregate_id: int
    price: int
    quantity: int
    first_id: int
    last_id: int
    time_us: int
    buyer_is_maker: bool


class BlockTrade(NamedTuple):
    """A large trade agreed beside the order book; no candle or ticker counts it."""

    symbol: str
    block_id: int
    price: int
    quantity: int
    time_us: int
    buyer_is_maker: bool


class TopOfBook(NamedTuple):
    """The best bid and ask after the update that changed one of them."""

    symbol: str
    update_id: int
    bid_price: int
    bid_quantity: int
    ask_price: int
    ask_quantity: int


Event = Trade | AggregateTrade | BlockTrade | TopOfBook
