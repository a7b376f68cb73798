"""What Bybit's private websocket carries, as it is on the wire.

Each docstring shows the documented example. What is not read has a default, so that its
disappearance harms nothing; what is not listed here is drift and counted.

Source: https://bybit-exchange.github.io/docs/v5/websocket/private/order, …/execution, …/wallet
"""

from __future__ import annotations

from typing import Any

import msgspec

from . import orders_wire


class StrictOrder(orders_wire.Order, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The same, without any field that is not listed.

    Why it was cancelled or rejected; what is left of it; what it has cost (`cumFeeDetail`); stops
    and what hangs on them; what an order on contracts or options has; trades with oneself that
    were prevented; improvements of the price.
    """

    is_leverage: Any = None
    block_trade_id: Any = None
    parent_order_link_id: Any = None
    broker_order_price: Any = None
    position_idx: Any = None
    create_type: Any = None
    cancel_type: Any = None
    reject_reason: Any = None
    leaves_qty: Any = None
    leaves_value: Any = None
    cum_exec_fee: Any = None
    cum_fee_detail: Any = None
    closed_pnl: Any = None
    fee_currency: Any = None
    oco_trigger_by: Any = None
    order_iv: Any = None
    slippage_tolerance_type: Any = None
    slippage_tolerance: Any = None
    trigger_price: Any = None
    take_profit: Any = None
    stop_loss: Any = None
    tpsl_mode: Any = None
    tp_limit_price: Any = None
    sl_limit_price: Any = None
    tp_order_type: Any = None
    sl_order_type: Any = None
    tp_trigger_by: Any = None
    sl_trigger_by: Any = None
    trigger_direction: Any = None
    trigger_by: Any = None
    last_price_on_created: Any = None
    base_price: Any = None
    reduce_only: Any = None
    close_on_trigger: Any = None
    place_type: Any = None
    smp_type: Any = None
    smp_group: Any = None
    smp_order_id: Any = None
    created_time: Any = None
    extra_fees: Any = None
    rpi_taker_access: Any = None
    rpi_matched_qty: Any = None


class StrictExecution(
    orders_wire.Execution, frozen=True, rename="camel", forbid_unknown_fields=True
):
    """The same, without any field that is not listed.

    The order as it was and what is left of it; `execValue`; rates and other fees; what contracts,
    options and block trades have; `seq`.
    """

    is_leverage: Any = None
    order_price: Any = None
    order_qty: Any = None
    leaves_qty: Any = None
    create_type: Any = None
    order_type: Any = None
    stop_order_type: Any = None
    market_unit: Any = None
    exec_value: Any = None
    exec_pnl: Any = None
    exec_fee_v2: Any = msgspec.field(default=None, name="execFeeV2")
    fee_rate: Any = None
    extra_fees: Any = None
    trade_iv: Any = None
    mark_iv: Any = None
    mark_price: Any = None
    index_price: Any = None
    underlying_price: Any = None
    block_trade_id: Any = None
    closed_size: Any = None
    seq: Any = None


class Coin(msgspec.Struct, frozen=True, rename="camel"):
    """{"coin":"BTC","walletBalance":"0.00102964","locked":"0","spotBorrow":"0",…}."""

    coin: str
    wallet_balance: str
    locked: str


class Wallet(msgspec.Struct, frozen=True):
    """{"accountType":"UNIFIED","coin":[…],"totalEquity":"10262.91335023",…}; in all, not by how much
    it has changed, of some coins or of all."""

    coin: tuple[Coin, ...]
