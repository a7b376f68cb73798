"""Content that a fault carries in JSON and TOML: plain text, or Base64."""

from __future__ import annotations

import binascii


def bytes_of(field: str, text: str, *, base64: bool) -> bytes:
    """The bytes that are meant; `ValueError` naming the field for what is no Base64."""
    try:
        return binascii.a2b_base64(text, strict_mode=True) if base64 else text.encode()
    except ValueError:
        raise ValueError(f"{field}: not Base64") from None
