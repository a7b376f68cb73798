"""Is a request made of what its fields are for?"""

from __future__ import annotations

import functools
import typing
from typing import Any

import msgspec

from ..messages.base import Request
from ..messages.errors import ValidationError
from ..messages.requests import SetHandlers, SubscribeEvents
from ..messages.subscriptions import Handlers

_PLAIN = {
    str: "a text",
    str | None: "a text, or None",
    str | int | None: "a text, a whole number, or None",
    int: "a whole number",
    bool: "True or False",
    tuple[str, ...]: "several texts",
}


def check(request: Request[Any]) -> None:
    """Raise a `ValidationError` that names the first field of the wrong type, if there is one."""
    for name, expected in _plain_fields(type(request)):
        value = getattr(request, name)
        try:
            msgspec.convert(value, expected)
        except msgspec.ValidationError:
            raise ValidationError(name, value, f"must be {_PLAIN[expected]}") from None
    if isinstance(request, SubscribeEvents) and request.subscriber is None:  # pyright: ignore[reportUnnecessaryComparison]
        raise ValidationError("subscriber", None, "an actor's ref or a callable is needed")
    if isinstance(request, SetHandlers) and not isinstance(request.handlers, Handlers):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValidationError("handlers", request.handlers, "must be Handlers")
    if isinstance(request, SetHandlers):
        for name in request.handlers.__struct_fields__:
            handler = getattr(request.handlers, name)
            if handler is not None and not callable(handler):
                raise ValidationError(f"handlers.{name}", handler, "must be callable")


def check_address(request: Request[Any]) -> None:
    """Raise a `ValidationError` where the answer cannot be told to what is given for it."""
    if not callable(getattr(request.reply_to, "tell", None)):
        raise ValidationError("reply_to", request.reply_to, "has no method `tell`")


@functools.cache
def _plain_fields(kind: type[Request[Any]]) -> tuple[tuple[str, Any], ...]:
    """The fields that hold texts, numbers and the like, with their types."""
    hints = typing.get_type_hints(kind)
    return tuple((name, hints[name]) for name in kind.__struct_fields__ if hints[name] in _PLAIN)
