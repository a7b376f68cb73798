"""What the flight recorder keeps of a REST request."""

from __future__ import annotations

import time

from msgspec.structs import replace

from ...messages.notes import RestAnswered, as_text
from .call import Call
from .http import Failure, Response

_MOST_BODY = 1 << 19
"""Bytes of the longest body that is kept: a list of everything that is traded would take the place
of seconds of frames."""


def rest_note(call: Call, outcome: Response | Failure) -> RestAnswered:
    """The note of a request that has ended; of a signed one neither query nor body."""
    endpoint = call.endpoint
    is_signed = endpoint.signed
    note = RestAnswered(
        time.time_ns(),
        endpoint.method,
        endpoint.path_for(call.request),
        query="" if is_signed else call.query,
        status=outcome.status,
        is_signed=is_signed,
        is_own=call.fetch.own,
        took=round(time.monotonic() - call.left, 6),
    )
    if isinstance(outcome, Failure):
        return replace(note, reason=outcome.reason)
    size = len(outcome.body)
    if is_signed or size > _MOST_BODY:
        return replace(note, size=size)
    body, encoded = as_text(outcome.body)
    return replace(note, body=body, base64=encoded)
