"""What sessions are told of the streams that are wanted of them: once, for all that is asked for now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ...messages.base import Address
from ...messages.sessions import Converge
from ..feeds.frame import Route


class PublishDue(msgspec.Struct, frozen=True):
    """To the registry, by itself: all changes that were asked for at a time are made."""


class Publisher:
    """Tells sessions once what lies in the registry's inbox has been read.

    Args:
        routes: Where the streams of a session lead.
        tell: Tells a session, by its number.
        address: The registry's, which calls `publish_all` when it is told `PublishDue`.
    """

    def __init__(
        self,
        routes: Callable[[int], dict[bytes, Route]],
        tell: Callable[[int, Any], None],
        address: Address[Any],
    ) -> None:
        self._routes, self._tell, self._address = routes, tell, address
        self._unpublished: dict[int, set[str]] = {}

    def publish(self, shard: int, *asked: str) -> None:
        """Have a session told, and have it say of these streams whether they are carried."""
        if not self._unpublished:
            self._address.tell(PublishDue())
        self._unpublished.setdefault(shard, set()).update(asked)

    def publish_all(self) -> None:
        """Tell the sessions."""
        unpublished, self._unpublished = self._unpublished, {}
        for shard, asked in unpublished.items():
            self._tell(shard, Converge(self._routes(shard), asked=frozenset(asked)))
