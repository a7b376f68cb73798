"""The switches by which a test makes the exchange misbehave while it runs."""

from __future__ import annotations

from . import links
from .frame_switches import FrameSwitches
from .kinds import (
    AnnounceShutdown,
    Close,
    Forget,
    Freeze,
    Hold,
    IgnoreControls,
    RefuseControls,
    RefuseUpgrades,
    ResendSnapshots,
    RestartBooks,
    Stall,
)
from .reading import checked
from .rest_switches import RestSwitches

GOING_AWAY = 1001


class Switches(FrameSwitches, RestSwitches):
    """Faults; each method may be called from any thread and has taken effect on return."""

    def cut(self, connection: int | None = None) -> int:
        """Reset (TCP RST) every websocket, or the one with that id.

        Returns:
            The number of sockets reset.
        """
        return self._server.call(lambda: links.cut(self._box.hub, connection))

    def close(self, code: int = GOING_AWAY, reason: str = "", connection: int | None = None) -> int:
        """Close every websocket in order, with a close frame, or the one with that id.

        Returns:
            The number of sockets closed.

        Raises:
            ValueError: for a code or a reason that no close frame can hold.
        """
        checked(Close(connection=connection, code=code, reason=reason))
        return self._server.call(lambda: links.close(self._box.hub, connection, code, reason))

    def refuse_upgrades(
        self, status: int = 503, retry_after: float | None = None, count: int | None = None
    ) -> None:
        """Answer websocket upgrades with `status`, `count` times or until `accept_upgrades`.

        It takes the place of a refusal that was set before.

        Args:
            status: HTTP status of the refusal.
            retry_after: seconds for a `Retry-After` header.
            count: how many upgrades to refuse; `None` means all.
        """
        self.accept_upgrades()
        if count != 0:
            self.apply(RefuseUpgrades(status=status, retry_after=retry_after, count=count))

    def accept_upgrades(self) -> None:
        """Accept websocket upgrades again."""
        self._clear_kinds(RefuseUpgrades)

    def stall(self) -> None:
        """Send no more data; pings and control messages are still answered.

        What the seeded market would have sent is lost; a replay waits for `resume`.
        """
        self.apply(Stall())

    def resume(self) -> None:
        """End a stall."""
        self._clear_kinds(Stall)

    def freeze(self) -> None:
        """Answer nothing at all, as a stopped process does; sockets stay open, nothing is lost."""
        self.apply(Freeze())

    def thaw(self) -> None:
        """End a freeze: everything that waited is answered."""
        self._clear_kinds(Freeze)

    def refuse_controls(
        self,
        code: int = 2,
        message: str = "Invalid request: refused",
        method: str = "SUBSCRIBE",
        count: int | None = 1,
    ) -> None:
        """Refuse the next control messages of a method (`"*"`: of any), doing nothing of it."""
        if count != 0:
            self.apply(RefuseControls(method=method, code=code, message=message, count=count))

    def ignore_controls(self, method: str = "SUBSCRIBE", count: int | None = 1) -> None:
        """Neither do nor answer the next control messages of a method (`"*"`: of any)."""
        if count != 0:
            self.apply(IgnoreControls(method=method, count=count))

    def clear_controls(self) -> None:
        """Answer every control message again."""
        self._clear_kinds(RefuseControls, IgnoreControls)

    def announce_shutdown(self) -> None:
        """Send every connection the `serverShutdown` event (web-socket-streams.md). Of Binance."""
        self.apply(AnnounceShutdown())

    def resend_snapshots(self, stream: str = "*") -> None:
        """Send whoever is subscribed to those books a snapshot that nobody asked for. Of Bybit."""
        self.apply(ResendSnapshots(stream=stream))

    def restart_books(self, stream: str = "*") -> None:
        """Number those books anew: a snapshot whose update id is 1, as after a restart. Of Bybit."""
        self.apply(RestartBooks(stream=stream))

    def forget(self, stream: str = "*") -> int:
        """Carry the streams of that name or pattern no more, without a word to who is subscribed.

        Returns:
            The number of subscriptions that ended.
        """
        checked(Forget(stream=stream))
        return self._server.call(lambda: links.forget(self._box.hub, stream))

    def hold(self) -> None:
        """Let a replay not begin, or a market not go on, before `release`."""
        self.apply(Hold())

    def release(self) -> None:
        """End a hold."""
        self._clear_kinds(Hold)
