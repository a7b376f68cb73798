"""Which websocket session carries which stream."""

from __future__ import annotations


class Shards:
    """Assigns streams to sessions, which are numbered from 0 on.

    A stream stays where it is: moving one would interrupt it.

    Args:
        limit: The most streams on one session.
    """

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError("a session must hold at least one stream")
        self._limit = limit
        self._shards: list[set[str]] = []
        self._where: dict[str, int] = {}

    @property
    def count(self) -> int:
        """How many sessions are needed: one more than the highest that carries a stream."""
        return len(self._shards)

    def assign(self, name: str, preferred: int | None = None) -> int:
        """The session of a stream: where it is, or `preferred`, the first with room, or a new one."""
        if (known := self._where.get(name)) is not None:
            return known
        if preferred is not None:
            while len(self._shards) <= preferred:
                self._shards.append(set())
            if len(self._shards[preferred]) < self._limit:
                return self._place(name, preferred)
        shard = next(
            (number for number, names in enumerate(self._shards) if len(names) < self._limit),
            len(self._shards),
        )
        if shard == len(self._shards):
            self._shards.append(set())
        return self._place(name, shard)

    def _place(self, name: str, shard: int) -> int:
        self._shards[shard].add(name)
        self._where[name] = shard
        return shard

    def release(self, name: str) -> None:
        """The stream is wanted no more; its place is free. One that is not known is ignored."""
        shard = self._where.pop(name, None)
        if shard is None:
            return
        self._shards[shard].discard(name)
        while self._shards and not self._shards[-1]:
            self._shards.pop()

    def names(self, shard: int) -> frozenset[str]:
        """The streams of a session; none for one that does not exist."""
        return frozenset(self._shards[shard]) if 0 <= shard < self.count else frozenset()
