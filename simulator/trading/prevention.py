"""What happens instead of a trade of an account with itself.

Source: faqs/stp_faq.md. The taker's mode decides.
"""

from __future__ import annotations

from itertools import count

from .orders import Order, Prevented
from .reports import Reports

MODES = ("NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH")


class Prevention:
    """Decides which of the two orders expire, and tells of it."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._ids = count(1)
        self._matches: dict[Order, Prevented] = {}

    def of(self, taker: Order, maker: Order, price: int, now_us: int) -> list[Order]:
        """The orders that expire, the maker first; none if the two may trade."""
        mode = taker.wanted.prevention
        if taker.account is not maker.account or mode == "NONE":
            return []
        ended = {
            "EXPIRE_MAKER": [maker],
            "EXPIRE_TAKER": [taker],
            "EXPIRE_BOTH": [maker, taker],
        }[mode]
        match = Prevented(
            next(self._ids),
            maker,
            taker,
            price,
            maker.left if maker in ended else 0,
            taker.left if taker in ended else 0,
            mode,
            now_us,
        )
        taker.account.prevented.append(match)
        for order in ended:
            self._matches[order] = match
        return ended

    def tell(self, order: Order, now_us: int) -> None:
        """Report the end of an order."""
        match = self._matches.pop(order)
        order.prevented = order.left
        order.prevented_match = match.match_id
        self._reports.execution("TRADE_PREVENTION", order, now_us, prevented=match)
