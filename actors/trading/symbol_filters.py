"""The filters of symbols, each with those that are the account's own."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Container
from typing import Any

import msgspec

from ...messages.base import Request
from ...messages.errors import ConnectorError
from ...messages.instruments import (
    ExchangeInfo,
    Filter,
    MaxAsset,
    OrderCountLimit,
    OtherFilter,
    SymbolInfo,
)
from ...messages.requests import GetExchangeInfo
from ...venues.questions import GetAccountFilters
from .inquiry import Answers, Inquiries

_FRESH = 3600.0
"""Seconds for which what the exchange says of a symbol is believed."""
PATIENCE = 2.0
"""Seconds that an order waits at most for what it can do without."""


class SymbolFilters:
    """Belongs to the account's room.

    Args:
        asked: What there is to ask the exchange.
        learn: Takes what it says of all symbols.
        came: Called with a symbol that was asked for, and why nothing is known of it.
    """

    def __init__(
        self,
        inquiries: Inquiries,
        asked: Container[type[Request[Any]]],
        learn: Callable[[ExchangeInfo], None],
        came: Callable[[str, ConnectorError | None], None],
    ) -> None:
        self._inquiries, self._asked = inquiries, asked
        self._learn, self._came = learn, came
        self._known: dict[str, tuple[SymbolInfo, float]] = {}
        self._under_way = set[str]()

    def known(self, symbol: str) -> SymbolInfo | None:
        """What the exchange says of it; None if that is not known, or too old."""
        info, at = self._known.get(symbol, (None, 0.0))
        return info if time.monotonic() < at + _FRESH else None

    def asked(self, symbol: str) -> float:
        """When what is known was asked for, in monotonic seconds."""
        _, at = self._known.get(symbol, (None, -math.inf))
        return at

    def ask(self, symbol: str) -> None:
        """Ask for them, unless that is under way."""
        if symbol in self._under_way:
            return
        self._under_way.add(symbol)
        questions: list[tuple[Request[Any], float | None]] = [(GetExchangeInfo((symbol,)), None)]
        if GetAccountFilters in self._asked:
            questions.append((GetAccountFilters(symbol), PATIENCE))
        at = time.monotonic()
        self._inquiries.begin(questions, lambda answers: self._told(symbol, answers, at))

    def forget(self, symbol: str) -> None:
        """They may have changed."""
        self._known.pop(symbol, None)

    def _told(self, symbol: str, answers: Answers, at: float) -> None:
        self._under_way.discard(symbol)
        told: ExchangeInfo | None
        told, error = answers[GetExchangeInfo]
        if told is not None:
            self._learn(told)
            info = next(iter(told.symbols), None)
            if info is not None:
                own = answers.get(GetAccountFilters)
                info = _with(info, own.value if own is not None else None)
                self._known[symbol] = info, at
        self._came(symbol, error)


def _with(info: SymbolInfo, own: tuple[Filter, ...] | None) -> SymbolInfo:
    """A symbol with the account's own filters, which go before those of the same name."""
    names = {_name(each) for each in own or ()}
    general = (each for each in info.filters if _name(each) not in names)
    return msgspec.structs.replace(info, filters=(*general, *(own or ())))


def _name(rule: Filter) -> object:
    match rule:
        case OrderCountLimit() | OtherFilter():
            return rule.name
        case MaxAsset():
            return type(rule), rule.asset
        case _:
            return type(rule)
