"""What the bot of the campaign of orders is told first, and how its connector is configured."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...messages.config import Config
from ...venues import DRIVERS

WEIGHT = 1_000_000
HANDS = 48
"""Questions at the same time."""


@dataclass(frozen=True)
class Case:
    """What the bot is told first.

    Attributes:
        exchange: Its name.
        first: The number of its first order.
        last: That of its last one.
        rate: Orders a second.
    """

    exchange: str
    rest_url: str
    stream_url: str
    ws_api_url: str
    api_key: str
    api_secret: str
    journal: str
    diary: str
    seed: int
    first: int
    last: int
    rate: float


def config_of(case: Case) -> Config:
    """The connector's own timings for orders; it reconnects soon."""
    return (
        Config.builder()
        .exchange(
            case.exchange,
            case.api_key,
            case.api_secret,
            rest_url=case.rest_url,
            stream_url=case.stream_url,
            ws_api_url=case.ws_api_url,
        )
        .rate_limit(max_weight=WEIGHT)
        .circuit_breaker(max_failures=20, open_timeout=1.0, success_threshold=1)
        .connection(
            timeout=5.0,
            ping_interval=1.0,
            reconnect_delay=0.1,
            max_reconnect_wait=1.0,
            max_concurrent_requests=HANDS,
        )
        .supervision(max_restarts=100_000)
        .health(pong_timeout=1.0)
        .journal(case.journal)
        .build()
    )


def much_weight(exchange: str) -> None:
    """What is measured here is no limit of requests."""
    driver = DRIVERS[exchange, "spot"]
    assert driver.account is not None
    limits = replace(driver.limits, weight=WEIGHT, burst=None)
    account = replace(driver.account, most_orders=())
    DRIVERS[exchange, "spot"] = replace(driver, limits=limits, account=account)
