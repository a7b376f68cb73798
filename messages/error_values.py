"""Values that an error may quote, whatever a user has given."""

from __future__ import annotations

_EXCERPT = 200


def plain(value: object) -> str | int | float | bool | None:
    """A value that can travel: text and numbers as they are, the rest as an excerpt of its repr."""
    match value:
        case str():
            return value[:_EXCERPT]
        case None | bool():
            return value
        case int() if -(2**63) <= value < 2**63:
            return int(value)
        case int():
            # Python refuses to write the largest ones, and MessagePack has no form for most.
            return f"an integer of {value.bit_length()} bits"
        case float():
            return float(value)
        case _:
            return _shown(value)


def _shown(value: object) -> str:
    """An excerpt of its repr, or its type where that raises, whatever it raises."""
    try:
        return repr(value)[:_EXCERPT]
    except BaseException:  # noqa: BLE001 - its own fault
        return f"<{type(value).__name__}>"
