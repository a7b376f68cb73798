"""The prices that rules of orders are about, asked for when an order needs them."""

from __future__ import annotations

import time
from collections.abc import Callable, Container
from decimal import Decimal
from typing import Any

from ...core.filter_rules import Prices
from ...core.order_prices import Kind, Priced, usable
from ...messages.base import Request
from ...messages.errors import ConnectorError
from ...venues.account import Fate
from ...venues.questions import GetAveragePrice, GetLastPrice, GetReferencePrice
from .inquiry import Answers, Inquiries
from .symbol_filters import PATIENCE

_Question = type[GetReferencePrice] | type[GetAveragePrice] | type[GetLastPrice]
_QUESTIONS: dict[Kind, _Question] = {
    Kind.REFERENCE: GetReferencePrice,
    Kind.AVERAGE: GetAveragePrice,
    Kind.LAST: GetLastPrice,
}


class MarketPrices:
    """Belongs to the account's room.

    Args:
        asked: What there is to ask the exchange.
        fate: What an error means for a request.
        came: Called with a symbol of which there is news.
    """

    def __init__(
        self,
        inquiries: Inquiries,
        asked: Container[type[Request[Any]]],
        fate: Callable[[ConnectorError, Request[Any]], Fate],
        came: Callable[[str], None],
    ) -> None:
        self._inquiries = inquiries
        self._questions = {kind: each for kind, each in _QUESTIONS.items() if each in asked}
        self._fate, self._came = fate, came
        self._known: dict[str, Priced] = {}
        self._under_way = set[str]()

    def known(self, symbol: str) -> Priced | None:
        """What was said last, however old."""
        return self._known.get(symbol)

    def ask(self, symbol: str, kinds: frozenset[Kind]) -> None:
        """Ask for them, all at the same time, unless some are under way."""
        if symbol in self._under_way or not kinds:
            return
        self._under_way.add(symbol)
        asked = time.monotonic()

        def told(answers: Answers) -> None:
            self._under_way.discard(symbol)
            self._known[symbol] = Priced(asked, kinds, self._prices(symbol, answers))
            self._came(symbol)

        there = kinds & set(self._questions)
        self._inquiries.begin([(self._questions[kind](symbol), PATIENCE) for kind in there], told)

    def _prices(self, symbol: str, answers: Answers) -> Prices | None:
        """The reference price; an average only where it is certain that there is none."""
        reference = answers.pop(GetReferencePrice, None)
        if reference is not None:
            price, error = reference
            if price is not None:
                return usable(price)
            question = GetReferencePrice(symbol)
            if error is not None and self._fate(error, question) is not Fate.MISSING:
                return None
        averages = dict[int, Decimal]()
        for told, _ in answers.values():
            if told is not None and (price := usable(told.price)) is not None:
                averages[told.minutes] = price
        return averages or None
