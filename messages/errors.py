"""What can go wrong, as typed values.

ConnectorError
├── ValidationError           what you gave never left the process
├── ConfigurationError        all that is wrong with a configuration, at once
├── ExchangeError             the exchange refused
│   └── AuthenticationError   … because of the key, its rights or its signature
├── ExchangeConnectionError   the exchange could not be reached, or not in time
├── CircuitBreakerError       refused here: too many requests have failed
├── RateLimitError            refused here or there: too much was sent
├── ClockSyncError            the exchange's time is not known well enough to sign
├── UnknownExecutionError     the fate of an order is still open
├── MissingFillsError         an order was executed further than its fills say, and they are not there
├── ProtocolError             something came that the exchange's protocol does not allow
├── SubscriberError           a subscriber raised
└── NotRunningError           the connector is stopping, or the part that should answer died

Each carries `exchange`, compares by value, and survives pickling and `encode`/`decode`.
None holds a key, a secret or a signature.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .error_values import plain


def _rebuild(kind: type[ConnectorError], values: dict[str, Any]) -> ConnectorError:
    return kind(**values)


@dataclass(eq=False)
class ConnectorError(Exception):
    """The base of every error that the connector raises, returns or tells.

    Attributes:
        exchange: The exchange's name, or "" where none is concerned.
    """

    exchange: str = field(default="", kw_only=True)

    def values(self) -> dict[str, Any]:
        """The error's fields by name."""
        return {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}

    def __str__(self) -> str:
        return ", ".join(
            f"{name}={value!r}" for name, value in self.values().items() if value != ""
        )

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.values() == other.values()

    def __hash__(self) -> int:
        return hash((type(self), str(self)))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.values())


@dataclass(eq=False)
class ValidationError(ConnectorError):
    """A field of a request or of a configuration is wrong; nothing was sent.

    Attributes:
        field: The field's path, such as `symbol` or `connection.timeout`.
        value: What was given (shortened, and hidden where it is a secret).
        reason: What is wrong with it.
    """

    field: str
    value: Any
    reason: str

    def __post_init__(self) -> None:
        self.value = plain(self.value)

    def __str__(self) -> str:
        return f"{self.field}: {self.reason} (got {self.value!r})"


@dataclass(eq=False)
class ConfigurationError(ConnectorError):
    """Everything that is wrong with a configuration.

    Attributes:
        errors: One `ValidationError` a fault, each with the path of its field.
    """

    errors: tuple[ValidationError, ...]

    def __str__(self) -> str:
        return "; ".join(str(error) for error in self.errors)


@dataclass(eq=False)
class ExchangeError(ConnectorError):
    """The exchange refused a request.

    Attributes:
        code: The exchange's own code; 0 where its answer carried none (a page of HTML, no body).
        message: The exchange's own words, or what was wrong with its answer.
        http_status: The HTTP status, or what an answer on a websocket has in its place; 0 where
            it has none.
    """

    code: int
    message: str
    http_status: int = 0

    def __str__(self) -> str:
        status = f", HTTP status {self.http_status}" if self.http_status else ""
        return f"{self.message} (code {self.code}{status})"


_LOOK_AT = (
    "see that the key is of this network (live or test), that its secret belongs to it, that this "
    "address is on its list, and that it may do this: reading and trading are rights of their own"
)


@dataclass(eq=False)
class AuthenticationError(ExchangeError):
    """The exchange refused the key, its rights or the signature; its text says what to look at."""

    def __str__(self) -> str:
        return f"{super().__str__()}: {_LOOK_AT}"


@dataclass(eq=False)
class ExchangeConnectionError(ConnectorError):
    """The exchange could not be reached, or did not answer in time.

    Attributes:
        component: Which part met it: `rest` or a session's name.
        reason: What happened, without any address or header of the request.
        retryable: Whether the same request may succeed later.
    """

    component: str
    reason: str
    retryable: bool = True

    def __str__(self) -> str:
        return f"{self.component}: {self.reason}"


@dataclass(eq=False)
class CircuitBreakerError(ConnectorError):
    """The circuit breaker refused a request; nothing was sent.

    Attributes:
        state: The breaker's state, a `CircuitState`.
        retry_after: Seconds until it may admit a request.
    """

    state: str
    retry_after: float

    def __str__(self) -> str:
        return f"circuit breaker is {self.state}, retry after {self.retry_after:.3f} s"


@dataclass(eq=False)
class RateLimitError(ConnectorError):
    """Too much was sent: the request found no room in time, or the exchange said so.

    Attributes:
        retry_after: Seconds until a request may be sent.
        code: The exchange's code where it was the exchange that said so, else None.
    """

    retry_after: float
    code: int | None = None

    def __str__(self) -> str:
        who = "here" if self.code is None else f"by the exchange (code {self.code})"
        return f"rate limited {who}, retry after {self.retry_after:.3f} s"


@dataclass(eq=False)
class ClockSyncError(ConnectorError):
    """The exchange's time is too far off, or not known well enough.

    Attributes:
        offset: Exchange minus local time in seconds, None while unknown.
        uncertainty: Half the round trip of the sample behind it in seconds, None while unknown.
        max_offset: The configured limit in seconds.
    """

    offset: float | None
    uncertainty: float | None
    max_offset: float

    def __str__(self) -> str:
        if self.offset is None or self.uncertainty is None:
            return "the exchange's time is not known yet"
        known = f"{self.offset:+.3f} s, +/- {self.uncertainty:.3f} s"
        return f"the exchange's clock is off by {known}; {self.max_offset:g} s is allowed"


@dataclass(eq=False)
class UnknownExecutionError(ConnectorError):
    """Whether an order was executed is not known.

    Attributes:
        client_order_id: The id to look for.
    """

    client_order_id: str


@dataclass(eq=False)
class MissingFillsError(ConnectorError):
    """Fills of an order were missed, and the exchange does not have them: its executions do not add
    up to `Order.executed_quantity`.

    Attributes:
        symbol: The order's.
        order_id: The exchange's.
        client_order_id: The one that it was placed with.
        executed_quantity: How much of it was executed, as the order says.
        missing_quantity: How much of that no `Fill` has told.
    """

    symbol: str
    order_id: str
    client_order_id: str
    executed_quantity: Decimal
    missing_quantity: Decimal

    def __str__(self) -> str:
        quantities = f"{self.missing_quantity} of {self.executed_quantity} that was executed"
        return f"{self.symbol} order {self.order_id}: no fill tells of {quantities}"


@dataclass(eq=False)
class ProtocolError(ConnectorError):
    """A frame or a body came that the exchange's protocol does not allow.

    Attributes:
        reason: What is wrong with it.
        excerpt: Its beginning, with bytes that are no text escaped.
    """

    reason: str
    excerpt: str


@dataclass(eq=False)
class SubscriberError(ConnectorError):
    """A subscriber raised; it keeps receiving.

    Attributes:
        subscription_id: The subscription whose event was being delivered.
        reason: The exception's type and words.
    """

    subscription_id: str
    reason: str


@dataclass(eq=False)
class NotRunningError(ConnectorError):
    """The connector is stopping, or the part that should have answered is gone."""

    reason: str = "the connector is not running"

    def __str__(self) -> str:
        return self.reason


ERRORS: dict[str, type[ConnectorError]] = {
    kind.__name__: kind
    for kind in (
        ConnectorError,
        ValidationError,
        ConfigurationError,
        ExchangeError,
        AuthenticationError,
        ExchangeConnectionError,
        CircuitBreakerError,
        RateLimitError,
        ClockSyncError,
        UnknownExecutionError,
        MissingFillsError,
        ProtocolError,
        SubscriberError,
        NotRunningError,
    )
}
