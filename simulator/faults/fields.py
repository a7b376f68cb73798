"""What the fields of faults may hold."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Offset = Annotated[float, Meta(ge=-4e9, le=4e9)]
Count = Annotated[int, Meta(ge=1)]
Skip = Annotated[int, Meta(ge=0)]
Chance = Annotated[float, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(min_length=1)]
ControlCode = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Corruption = Literal["truncated", "garbled", "not_utf8", "wrong_type", "digits", "missing"]
