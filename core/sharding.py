"""Which websocket session carries which stream."""

from __future__ import annotations


class Shards:
    """Assigns streams to sessions, which are numbered from 0 on.

    A stream stays where it is: moving one would interrupt it.

    Args:
        limit: The most streams on one session.
        characters: The most that all their names together are long; None for no limit. A longer
            name has a session to itself, where the exchange says what it thinks of it.
    """

    def __init__(self, limit: int, characters: int | None = None) -> None:
        if limit < 1:
            raise ValueError("a session must hold at least one stream")
        self._limit, self._characters = limit, characters
        self._shards: list[set[str]] = []
        self._lengths: list[int] = []
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
                self._add()
            if self._has_room(preferred, name):
                return self._place(name, preferred)
        for shard in range(len(self._shards)):
            if self._has_room(shard, name):
                return self._place(name, shard)
        return self._place(name, self._add())

    def _add(self) -> int:
        self._shards.append(set())
        self._lengths.append(0)
        return len(self._shards) - 1

    def _has_room(self, shard: int, name: str) -> bool:
        names = self._shards[shard]
        if not names:
            return True
        if len(names) >= self._limit:
            return False
        return self._characters is None or self._lengths[shard] + len(name) <= self._characters

    def _place(self, name: str, shard: int) -> int:
        self._shards[shard].add(name)
        self._lengths[shard] += len(name)
        self._where[name] = shard
        return shard

    def release(self, name: str) -> None:
        """The stream is wanted no more; its place is free. One that is not known is ignored."""
        shard = self._where.pop(name, None)
        if shard is None:
            return
        self._shards[shard].discard(name)
        self._lengths[shard] -= len(name)
        while self._shards and not self._shards[-1]:
            self._shards.pop()
            self._lengths.pop()

    def names(self, shard: int) -> frozenset[str]:
        """The streams of a session; none for one that does not exist."""
        return frozenset(self._shards[shard]) if 0 <= shard < self.count else frozenset()
