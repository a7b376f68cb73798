"""What every message is made of: addresses, requests and their answers."""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

import msgspec

R = TypeVar("R")
M_contra = TypeVar("M_contra", contravariant=True)


class Address(Protocol[M_contra]):
    """Where a message may be told to; `pykka.ActorRef` is one."""

    def tell(self, message: M_contra, /) -> None:
        """Leave `message` there and go on."""
        ...


class Request(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """A message that asks for an `R`.

    Ask it (`ask(connector, request)`), or tell it with an address for the answer.

    Attributes:
        reply_to: Where `Replied` or `RequestFailed` is told to; only read when told, not asked.
        request_id: Returned in that answer, so that a bot knows which request it belongs to.
    """

    reply_to: Address[Any] | None = None
    request_id: int | str | None = None


class Replied(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a request that was told with `reply_to`."""

    request_id: int | str | None
    reply: Any


class RequestFailed(msgspec.Struct, frozen=True, kw_only=True):
    """The failure of a request that was told with `reply_to`; `error` is a `ConnectorError`."""

    request_id: int | str | None
    error: Exception
