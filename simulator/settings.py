"""How an exchange is asked to be, checked option by option."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from .faults.plan import Plan
from .market.symbols import normalised

T = TypeVar("T")
LATEST_START_S = 4e9  # seconds since 1970: in the year 2096
MOST_STEPS_A_SECOND = 100_000
POSITIVE = (
    *("rate", "max_weight", "ping_interval", "pong_timeout", "max_age"),
    *("idle_timeout", "page_size", "uid_limit"),
)
NOT_NEGATIVE = (
    *("speed", "ws_messages_per_second", "max_dials", "max_raw_requests", "keep_published"),
    *("max_orders", "max_orders_a_day"),
)


@dataclass(frozen=True)
class Settings:
    """The options of a `SimulatedExchange`, which describes them.

    `None` in a limit is the exchange's own (`or_else`).

    Raises:
        ValueError: naming the option that makes no sense.
    """

    symbols: tuple[str, ...]
    seed: int
    rate: float
    replay: Path | None
    speed: float
    max_weight: int | None
    ping_interval: float
    pong_timeout: float
    ws_messages_per_second: int | None
    nested_errors: bool
    max_dials: int | None
    max_raw_requests: int
    max_age: float | None
    start_time: float | None
    tls: bool
    plan: Plan
    keep_published: int = 0
    exchange: str = "binance"
    idle_timeout: float = 600.0
    page_size: int = 1_000
    uid_limit: int | None = None
    max_orders: int = 100
    max_orders_a_day: int = 200_000

    def __post_init__(self) -> None:
        for name in POSITIVE:
            if self.is_given(name) and not _finite(self, name) > 0:
                raise ValueError(f"{name} must be above 0")
        for name in NOT_NEGATIVE:
            if self.is_given(name) and not _finite(self, name) >= 0:
                raise ValueError(f"{name} must not be below 0")
        if self.rate > MOST_STEPS_A_SECOND:
            raise ValueError(f"rate must not be above {MOST_STEPS_A_SECOND}")
        if self.start_time is not None and not 0 <= _finite(self, "start_time") <= LATEST_START_S:
            raise ValueError(f"start_time must be from 0 to {LATEST_START_S:.0f}, in seconds")

    def is_given(self, name: str) -> bool:
        """Whether an option has a value of its own."""
        return getattr(self, name) is not None

    def or_else(self, name: str, own: T) -> T:
        """The value of an option, or what is the exchange's own."""
        value: T | None = getattr(self, name)
        return own if value is None else value


def listed(symbols: Sequence[str]) -> tuple[str, ...]:
    """The symbols as the exchange writes them.

    Raises:
        TypeError: if it is one text.
        ValueError: if there is none, if one is none, or stands there twice.
    """
    if isinstance(symbols, str):
        raise TypeError(f"symbols must be several, such as ({symbols!r},)")
    names = tuple(normalised(symbol) for symbol in symbols)
    if not names:
        raise ValueError("symbols must name one at least")
    if len(set(names)) < len(names):
        raise ValueError(f"symbols must not name one twice: {', '.join(names)}")
    return names


def check_port(port: int) -> None:
    """Raise `ValueError` for what is no TCP port."""
    if not 0 <= port <= 65_535:
        raise ValueError("port must be from 0 to 65535")


def _finite(settings: Settings, name: str) -> float:
    value: float = getattr(settings, name)
    if not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number")
    return value
