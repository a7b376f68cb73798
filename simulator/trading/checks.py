"""What the matching engine refuses, before an order comes into being.

Source: errors.md, "Messages for -1010 …"; user-data-stream.md, "Order Reject Reason".
"""

from __future__ import annotations

from ..market.fixed import ONE, product
from ..market.guests import Guests
from .accounts import Account
from .customs import Customs
from .orders import OTHER_SIDE, STOPS, RejectedError, Wanted
from .stops import waits_for_rise

DUPLICATE = "Duplicate order sent."
POOR = "Account has insufficient balance for requested action."
WOULD_MATCH = "Order would immediately match and take."
WOULD_TRIGGER = "Order would trigger immediately."
TOO_THIN = "Order book liquidity is less than LOT_SIZE filter minimum quantity."
UNKNOWN = "Unknown order sent."
CLOSED = "Market is closed."


def admit(account: Account, wanted: Wanted, guests: Guests, customs: Customs) -> int:
    """The quantity of an order that may come into being.

    A market order by the quote asset gets the quantity that the book has for it now. One by
    quantity is refused if the best price alone shows that it cannot be paid; the documentation
    lets it trade until the account runs out.

    Raises:
        RejectedError: saying why it may not.
    """
    name = wanted.client_order_id
    if name and (account.is_open(name) if customs.names_return else name in account.names):
        raise RejectedError(DUPLICATE)
    first = guests.first(OTHER_SIDE[wanted.side])
    if wanted.type in STOPS and _would_trigger(wanted, guests.last_price):
        raise RejectedError(WOULD_TRIGGER)
    if wanted.type == "LIMIT_MAKER" and first is not None and crosses(wanted, first.price):
        raise RejectedError(WOULD_MATCH)
    quantity = wanted.quantity
    if wanted.quote_quantity:
        quantity = for_quote(wanted, guests)
        if not quantity:
            raise RejectedError(TOO_THIN)
    if not wanted.binds_late and not can_pay(account, wanted, quantity, guests):
        raise RejectedError(POOR)
    return quantity


def can_pay(account: Account, wanted: Wanted, quantity: int, guests: Guests) -> bool:
    """Whether an account has what an order binds or, at the market's price, is about to cost."""
    listing = guests.market.listing
    if wanted.side == "SELL":
        return account.free(listing.base) >= quantity
    if wanted.quote_quantity:
        return account.free(listing.quote) >= wanted.quote_quantity
    first = guests.first("ask")
    best = first.price if first is not None else guests.last_price
    return account.free(listing.quote) >= product(
        wanted.price or wanted.stop_price or best, quantity
    )


def crosses(wanted: Wanted, price: int) -> bool:
    """Whether its limit lets it trade at that price of the other side."""
    return wanted.price >= price if wanted.side == "BUY" else wanted.price <= price


def _would_trigger(wanted: Wanted, last: int) -> bool:
    """Whether the last price meets the stop price's condition already."""
    if not wanted.stop_price:
        return False
    rise = waits_for_rise(wanted.type, wanted.side)
    return last >= wanted.stop_price if rise else last <= wanted.stop_price


def for_quote(wanted: Wanted, guests: Guests) -> int:
    """How much can be traded for an amount of the quote asset, in whole lots."""
    left, quantity, step = wanted.quote_quantity, 0, guests.market.listing.step
    for price, shown in guests.levels(OTHER_SIDE[wanted.side]):
        lots = min(shown, left * ONE // price // step * step)
        quantity += lots
        left -= product(price, lots)
        if lots < shown:
            break
    return quantity
