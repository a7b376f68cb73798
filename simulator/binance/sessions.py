"""Sessions of the websocket API: logon, status, and user data subscriptions.

Source: web-socket-api.md, "Authentication requests" and "User Data Stream requests". Logging on
takes an Ed25519 key; the account to try has an HMAC key only, so a right logon is refused too. The
code and text of that refusal are those that clients have met. The account does not trade, so the
only event is the end of a subscription.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..clock import Clock, TimeUnit
from ..wire.connections import Connection
from .errors import ApiError, bad_request
from .parameters import NUMBER, Parameter, Query
from .signing import SIGNED

MOST_SUBSCRIPTIONS = 65_535  # over a session's life
SUBSCRIPTION_ID = Parameter("subscriptionId", NUMBER)
WEIGHT = 2


class ApiConnection(Connection):
    """A websocket of the API with what its session holds.

    `connected_since` is in microseconds.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        *,
        unit: TimeUnit,
        connected_since: int,
        return_rate_limits: bool,
    ) -> None:
        super().__init__(transport, combined=False, unit=unit)
        self.connected_since = connected_since
        self.return_rate_limits = return_rate_limits
        self.subscriptions: list[int] = []
        self.subscribed = 0
        self.ended: list[int] = []

    def event(self, stream: str, payload: bytes) -> bytes:
        """An event for everyone has an envelope of its own here."""
        return b'{"event":%b}' % payload


@dataclass(frozen=True)
class SessionMethod:
    """A method about the connection itself; `signed` ones are checked before."""

    parameters: tuple[Parameter, ...]
    answer: Callable[[ApiConnection, Query], Any]
    signed: bool = False


class Sessions:
    """Answers of the methods that are about the connection itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.methods = {
            "session.logon": SessionMethod(SIGNED, self._logon, signed=True),
            "session.status": SessionMethod((), self._status),
            "session.logout": SessionMethod((), self._status),
            "session.subscriptions": SessionMethod((), self._subscriptions),
            "userDataStream.subscribe": SessionMethod((), self._subscribe_logged_on),
            "userDataStream.subscribe.signature": SessionMethod(
                SIGNED, self._subscribe, signed=True
            ),
            "userDataStream.unsubscribe": SessionMethod((SUBSCRIPTION_ID,), self._unsubscribe),
        }

    def terminations(self, connection: ApiConnection) -> list[dict[str, Any]]:
        """The events of the subscriptions that have just ended."""
        now = self._clock.microseconds() // connection.unit
        ended, connection.ended = connection.ended, []
        return [
            {"subscriptionId": one, "event": {"e": "eventStreamTerminated", "E": now}}
            for one in ended
        ]

    def _logon(self, connection: ApiConnection, query: Query) -> Any:
        raise bad_request(-4056, "HMAC_SHA256 API key is not supported.")

    def _status(self, connection: ApiConnection, query: Query) -> dict[str, Any]:
        return {
            "apiKey": None,
            "authorizedSince": None,
            "connectedSince": connection.connected_since // connection.unit,
            "returnRateLimits": connection.return_rate_limits,
            "serverTime": self._clock.microseconds() // connection.unit,
            "userDataStream": bool(connection.subscriptions),
        }

    def _subscriptions(self, connection: ApiConnection, query: Query) -> list[dict[str, int]]:
        return [{"subscriptionId": one} for one in connection.subscriptions]

    def _subscribe_logged_on(self, connection: ApiConnection, query: Query) -> Any:
        raise ApiError(401, -1002, "You are not authorized to execute this request.")

    def _subscribe(self, connection: ApiConnection, query: Query) -> dict[str, int]:
        if connection.subscriptions:  # one account, and so one subscription at a time
            raise bad_request(-2035, "User Data Stream subscription already active.")
        if connection.subscribed >= MOST_SUBSCRIPTIONS:
            raise bad_request(-2042, "Maximum subscription ID reached for this connection.")
        identifier = connection.subscribed
        connection.subscribed += 1
        connection.subscriptions.append(identifier)
        return {"subscriptionId": identifier}

    def _unsubscribe(self, connection: ApiConnection, query: Query) -> dict[str, Any]:
        if "subscriptionId" not in query:
            connection.ended = list(connection.subscriptions)
        elif int(query["subscriptionId"]) in connection.subscriptions:
            connection.ended = [int(query["subscriptionId"])]
        else:
            raise bad_request(-2036, "User Data Stream subscription not active.")
        for one in connection.ended:
            connection.subscriptions.remove(one)
        return {}
