"""The switches by which a test makes the exchange misbehave while it runs."""

from __future__ import annotations

from typing import Any, Literal

from ..binance.payloads import encode
from ..box import Box
from ..server import Server
from ..wire.connections import Connection
from ..wire.frames import Opcode, encode_frame
from .rules import Canned, ControlRefusal, FramePredicate, FrameRule, Refusal

GOING_AWAY = 1001


class Switches:
    """Faults; each method may be called from any thread and has taken effect on return."""

    _box: Box
    _server: Server

    def cut(self, connection: int | None = None) -> int:
        """Reset (TCP RST) every websocket, or the one with that id.

        Returns:
            The number of sockets reset.
        """

        def cut() -> int:
            chosen = self._chosen(connection)
            for one in chosen:
                one.reset()
            return len(chosen)

        return self._server.call(cut)

    def close(self, code: int = GOING_AWAY, reason: str = "") -> int:
        """Close every websocket in order, with a close frame.

        Returns:
            The number of sockets closed.
        """

        def close() -> int:
            chosen = self._chosen(None)
            for one in chosen:
                one.close(code, reason)
            return len(chosen)

        return self._server.call(close)

    def refuse_upgrades(
        self, status: int = 503, retry_after: float | None = None, count: int | None = None
    ) -> None:
        """Answer websocket upgrades with `status`, `count` times or until `accept_upgrades`.

        Args:
            status: HTTP status of the refusal.
            retry_after: seconds for a `Retry-After` header.
            count: how many upgrades to refuse; `None` means all.
        """
        refusal = None if count == 0 else Refusal(status, retry_after, count)
        self._server.call(lambda: setattr(self._box.sockets, "refusal", refusal))

    def accept_upgrades(self) -> None:
        """Accept websocket upgrades again."""
        self._server.call(lambda: setattr(self._box.sockets, "refusal", None))

    def stall(self) -> None:
        """Send no more data; pings and control messages are still answered.

        What the seeded market would have sent is lost; a replay waits for `resume`.
        """
        self._server.call(self._box.hub.flowing.shut)

    def resume(self) -> None:
        """End a stall."""
        self._server.call(self._box.hub.flowing.open)

    def freeze(self) -> None:
        """Answer nothing at all, as a stopped process does; sockets stay open, nothing is lost."""
        self._server.call(self._box.hub.thawed.shut)

    def thaw(self) -> None:
        """End a freeze: everything that waited is answered."""
        self._server.call(self._box.hub.thawed.open)

    def lose(
        self,
        stream: str | None = None,
        count: int | None = 1,
        when: FramePredicate | None = None,
    ) -> None:
        """Lose the next `count` data frames of `stream` that somebody is subscribed to.

        Args:
            stream: stream name; `None` means any.
            count: how many to lose; `None` means all until `clear_frames`.
            when: called with stream and payload; only frames it accepts are lost.
        """
        self._frame_rule(FrameRule(stream, count, when, copies=0))

    def duplicate(
        self,
        stream: str | None = None,
        count: int | None = 1,
        when: FramePredicate | None = None,
    ) -> None:
        """Send the next `count` data frames of `stream` twice; arguments as of `lose`."""
        self._frame_rule(FrameRule(stream, count, when, copies=2))

    def clear_frames(self) -> None:
        """Lose and double no more frames."""
        self._server.call(self._box.hub.faults.rules.clear)

    def refuse_controls(
        self,
        code: int = 2,
        message: str = "Invalid request: refused",
        method: str = "SUBSCRIBE",
        count: int | None = 1,
    ) -> None:
        """Refuse the next control messages of a method (`"*"`: of any), doing nothing of it."""
        refusal = ControlRefusal(code, message)
        self._server.call(lambda: self._box.sockets.refused_controls.add(method, refusal, count))

    def ignore_controls(self, method: str = "SUBSCRIBE", count: int | None = 1) -> None:
        """Neither do nor answer the next control messages of a method (`"*"`: of any)."""
        silence = ControlRefusal()
        self._server.call(lambda: self._box.sockets.refused_controls.add(method, silence, count))

    def clear_controls(self) -> None:
        """Answer every control message again."""
        self._server.call(lambda: self._box.sockets.refused_controls.clear(None))

    def inject(self, payload: str | bytes, stream: str | None = None, binary: bool = False) -> int:
        """Send a raw websocket message, whatever it holds.

        Args:
            payload: the message; bytes that are no UTF-8 are sent as a text frame all the same.
            stream: only to the subscribers of this stream; `None` means every connection.
            binary: send a binary frame instead of a text frame.

        Returns:
            The number of connections it went to.
        """
        raw = payload.encode() if isinstance(payload, str) else payload
        frame = encode_frame(raw, Opcode.BINARY if binary else Opcode.TEXT)
        return self._server.call(lambda: self._box.hub.inject(frame, stream))

    def publish(self, stream: str, data_json: str) -> None:
        """Send `data_json` to the subscribers of `stream`, wrapped where a connection has it so."""

        def publish() -> None:
            self._box.hub.publish(stream, data_json.encode())
            self._box.hub.flush()

        self._server.call(publish)

    def announce_shutdown(self) -> None:
        """Send every connection the `serverShutdown` event (web-socket-streams.md)."""

        def announce() -> None:
            event = {"e": "serverShutdown", "E": self._box.clock.milliseconds()}
            self._box.hub.broadcast("!serverShutdown", encode(event))

        self._server.call(announce)

    def answer(
        self,
        path: str,
        status: int = 200,
        body: str | bytes | dict[str, Any] | list[Any] = "{}",
        headers: dict[str, str] | None = None,
        count: int | None = 1,
    ) -> None:
        """Give this answer to the next `count` requests of `path` instead of the own one.

        Several are given in the order they were set. `path` `"*"` means every path, here and
        in the other switches of REST paths.
        """
        raw = body.encode() if isinstance(body, str) else body
        content = raw if isinstance(raw, bytes) else encode(raw)
        canned = Canned(
            status, content, {"Content-Type": "application/json;charset=UTF-8"} | (headers or {})
        )
        self._server.call(lambda: self._box.faults.canned.add(path, canned, count))

    def delay(
        self,
        path: str,
        seconds: float,
        count: int | None = None,
        where: Literal["before", "after"] = "before",
    ) -> None:
        """Wait before the handler runs and reads its clock, or after, at `path`."""
        rules = self._box.faults.before if where == "before" else self._box.faults.after
        self._server.call(lambda: rules.add(path, seconds, count))

    def drip(self, path: str, bytes_per_second: float, count: int | None = None) -> None:
        """Send the bodies of `path` slowly."""
        self._server.call(lambda: self._box.faults.drips.add(path, bytes_per_second, count))

    def reset_rest(self, path: str, count: int | None = 1) -> None:
        """Reset the connection instead of answering `path`."""
        self._server.call(lambda: self._box.faults.resets.add(path, True, count))

    def clear(self, path: str | None = None) -> None:
        """End all faults of a REST path, or of all."""
        self._server.call(lambda: self._box.faults.clear(path))

    def skew_clock(self, seconds: float) -> None:
        """Set the exchange's clock to this machine's plus `seconds`."""
        self._server.call(lambda: setattr(self._box.clock, "offset", seconds))

    def step_clock(self, seconds: float) -> None:
        """Move the exchange's clock by `seconds` at once."""
        clock = self._box.clock
        self._server.call(lambda: setattr(clock, "offset", clock.offset + seconds))

    def ban(self, seconds: float) -> None:
        """Answer every REST request with 418 for `seconds`; 0 lifts a ban."""
        self._server.call(lambda: self._box.meter.ban(seconds))

    def hold(self) -> None:
        """Let a replay not begin, or a market not go on, before `release`."""
        self._server.call(self._box.gate.shut)

    def release(self) -> None:
        """End a hold."""
        self._server.call(self._box.gate.open)

    def _frame_rule(self, rule: FrameRule) -> None:
        self._server.call(lambda: self._box.hub.faults.rules.append(rule))

    def _chosen(self, connection: int | None) -> list[Connection]:
        held = list(self._box.hub.connections.values())
        return [one for one in held if connection in (None, one.id) and not one.closing]
