"""Refusals of HTTP requests and of websocket upgrades."""

from __future__ import annotations

from typing import ClassVar


class Refused(Exception):
    """A refusal, answered with `status`, `headers` and `body`; `media` names the body's type."""

    media: ClassVar[dict[str, str]] = {"Content-Type": "text/plain; charset=utf-8"}

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}

    def body(self) -> bytes:
        """What the answer holds."""
        return self.message.encode()
