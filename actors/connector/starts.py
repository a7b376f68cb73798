"""Starts the rooms that need nothing but the configuration and each other's addresses."""

from __future__ import annotations

from typing import Any

import pykka

from ...messages.base import Address
from ...messages.config import Config
from ...venues.driver import Driver
from ..base.office import Offices
from ..base.room import Lifeline
from ..books import BooksActor
from ..breaker import BreakerActor
from ..clock import ClockActor
from ..recovery import RecoveryActor


class Starts:
    """Each method is a `Start` for the supervisor.

    Args:
        root: Whom the rooms report to.
    """

    def __init__(
        self, config: Config, driver: Driver, offices: Offices, root: Address[Any]
    ) -> None:
        self._config, self._driver = config, driver
        self._offices, self._root = offices, root

    def breaker(self, lifeline: Lifeline) -> pykka.ActorRef[Any]:
        """The circuit breaker."""
        return BreakerActor.start(
            lifeline,
            self._root,
            exchange=self._driver.name,
            config=self._config.circuit_breaker,
            lease=2 * self._config.connection.timeout,
            rest=self._offices.of("rest"),
        )

    def clock(self, lifeline: Lifeline) -> pykka.ActorRef[Any]:
        """The clock."""
        connection = self._config.connection
        return ClockActor.start(
            lifeline,
            self._root,
            config=self._config.clock_sync,
            retry=(connection.reconnect_delay, connection.max_reconnect_wait),
            rest=self._offices.of("rest"),
        )

    def recovery(self, lifeline: Lifeline) -> pykka.ActorRef[Any]:
        """What fetches what was missed."""
        return RecoveryActor.start(
            lifeline,
            self._root,
            driver=self._driver,
            rest=self._offices.of("rest"),
            config=self._config.recovery,
        )

    def books(self, lifeline: Lifeline) -> pykka.ActorRef[Any]:
        """The order books."""
        return BooksActor.start(
            lifeline,
            self._root,
            driver=self._driver,
            rest=self._offices.of("rest"),
            registry=self._offices.of("registry"),
        )
