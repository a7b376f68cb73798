"""Sessions of the websocket API: logon, status, and user data subscriptions.

Source: web-socket-api.md, "Authentication requests" and "User Data Stream requests". Logging on
takes an Ed25519 key; the code and text by which any other is refused are those that clients have
met. How a session beyond 1,000 subscriptions at once is refused is not documented; it is not here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..clock import Clock, TimeUnit
from ..trading.accounts import Account, Key
from ..wire.connections import Connection
from .errors import ApiError, bad_request
from .parameters import NUMBER, Parameter, Query
from .signing import SIGNED

MOST_SUBSCRIPTIONS = 65_535  # over a session's life
SUBSCRIPTION_ID = Parameter("subscriptionId", NUMBER)
WEIGHT = 2
KINDS = {"HMAC": "HMAC_SHA256", "RSA": "RSA"}


class Identity(NamedTuple):
    """The account that a request is for, and the key that shows it."""

    account: Account
    key: Key


class Subscribed(NamedTuple):
    """A subscription to an account's events, by a session that is logged on or by a signature."""

    account: Account
    by_session: bool


class ApiConnection(Connection):
    """A websocket of the API with what its session holds.

    `connected_since` and `authorized_since` are in microseconds.
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
        self.identity: Identity | None = None
        self.authorized_since = 0
        self.subscriptions: dict[int, Subscribed] = {}
        self.subscribed = 0
        self.ended: list[int] = []

    def subscription_of(self, account: Account) -> int | None:
        """The number of the subscription to an account's events."""
        for number, subscribed in self.subscriptions.items():
            if subscribed.account is account:
                return number
        return None

    def event(self, stream: str, payload: bytes) -> bytes:
        """An event for everyone has an envelope of its own here."""
        return b'{"event":%b}' % payload


@dataclass(frozen=True)
class SessionMethod:
    """A method about the connection itself; `signed` ones are checked before."""

    parameters: tuple[Parameter, ...]
    answer: Callable[[ApiConnection, Query, Identity | None], Any]
    signed: bool = False


class Sessions:
    """Answers of the methods that are about the connection itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.methods = {
            "session.logon": SessionMethod(SIGNED, self._logon, signed=True),
            "session.status": SessionMethod((), self._status),
            "session.logout": SessionMethod((), self._logout),
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

    def _logon(
        self, connection: ApiConnection, query: Query, identity: Identity | None
    ) -> dict[str, Any]:
        if identity is not None and identity.key.kind != "ED25519":
            raise bad_request(-4056, f"{KINDS[identity.key.kind]} API key is not supported.")
        connection.identity = identity
        connection.authorized_since = self._clock.microseconds()
        return self._status(connection, query, identity)

    def _logout(
        self, connection: ApiConnection, query: Query, identity: Identity | None
    ) -> dict[str, Any]:
        connection.identity = None
        for number, subscribed in list(connection.subscriptions.items()):
            if subscribed.by_session:
                self._end(connection, number)
        return self._status(connection, query, identity)

    def _status(
        self, connection: ApiConnection, query: Query, identity: Identity | None
    ) -> dict[str, Any]:
        logged_on, unit = connection.identity, connection.unit
        return {
            "apiKey": logged_on.key.api_key if logged_on else None,
            "authorizedSince": connection.authorized_since // unit if logged_on else None,
            "connectedSince": connection.connected_since // unit,
            "returnRateLimits": connection.return_rate_limits,
            "serverTime": self._clock.microseconds() // unit,
            "userDataStream": bool(connection.subscriptions),
        }

    def _subscriptions(
        self, connection: ApiConnection, query: Query, identity: Identity | None
    ) -> list[dict[str, int]]:
        return [{"subscriptionId": one} for one in connection.subscriptions]

    def _subscribe_logged_on(
        self, connection: ApiConnection, query: Query, identity: Identity | None
    ) -> dict[str, int]:
        return self._begin(connection, connection.identity, by_session=True)

    def _subscribe(
        self, connection: ApiConnection, query: Query, identity: Identity | None
    ) -> dict[str, int]:
        return self._begin(connection, identity, by_session=False)

    def _begin(
        self, connection: ApiConnection, identity: Identity | None, *, by_session: bool
    ) -> dict[str, int]:
        if identity is None:
            raise ApiError(401, -1002, "You are not authorized to execute this request.")
        if connection.subscription_of(identity.account) is not None:
            raise bad_request(-2035, "User Data Stream subscription already active.")
        if connection.subscribed >= MOST_SUBSCRIPTIONS:
            raise bad_request(-2042, "Maximum subscription ID reached for this connection.")
        number = connection.subscribed
        connection.subscribed += 1
        connection.subscriptions[number] = Subscribed(identity.account, by_session)
        return {"subscriptionId": number}

    def _unsubscribe(
        self, connection: ApiConnection, query: Query, identity: Identity | None
    ) -> dict[str, Any]:
        numbers = list(connection.subscriptions)
        if "subscriptionId" in query:
            numbers = [int(query["subscriptionId"])]
        for number in numbers:
            if number not in connection.subscriptions:
                raise bad_request(-2036, "User Data Stream subscription not active.")
            self._end(connection, number)
        return {}

    def _end(self, connection: ApiConnection, number: int) -> None:
        del connection.subscriptions[number]
        connection.ended.append(number)
