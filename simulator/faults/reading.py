"""Faults read from JSON and TOML: everything that is wrong with one is told, field by field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

import msgspec

from .kinds import KINDS, Fault

F = TypeVar("F", bound=Fault)
ALL = "all"
"""What a count of `None` is written as in TOML, which knows no null."""


class FaultError(ValueError):
    """A fault cannot be read; `errors` says of each wrong field what is wrong with it."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


def read_fault(values: Mapping[str, Any]) -> Fault:
    """The fault that `values` describe.

    Raises:
        FaultError: Naming every field that is unknown, missing or out of its range.
    """
    values = dict(values)
    kind = _kind_of(values.pop("fault", None))
    if values.get("count") == ALL and "count" in kind.__struct_fields__:
        values["count"] = None
    errors = [f"{name}: no field of {name_of(kind)!r}" for name in _unknown(values, kind)]
    for field in msgspec.structs.fields(kind):
        if field.name in values:
            errors += check_value(field.name, values[field.name], field.type)
        elif field.required:
            errors.append(f"{field.name}: missing")
    if errors:
        raise FaultError(errors)
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:  # of fields that do not go together
        raise FaultError([str(error)]) from None


def checked(fault: F) -> F:
    """The same fault, if its fields are in their ranges.

    Raises:
        FaultError: Naming every field that is not.
        TypeError: If it is no fault at all.
    """
    if not isinstance(cast(object, fault), Fault):
        raise TypeError(f"no fault: {fault!r}")
    fields = msgspec.structs.asdict(fault)
    read_fault({"fault": name_of(type(fault)), **fields})
    return fault


def check_value(name: str, value: Any, kind: Any) -> list[str]:
    """What is wrong with the value of a field; nothing, or one sentence."""
    if isinstance(value, float) and not math.isfinite(value):
        return [f"{name}: not a finite number"]
    if get_origin(kind) is Literal and value not in get_args(kind):
        return [f"{name}: {value!r} is none of {', '.join(get_args(kind))}"]
    try:
        msgspec.convert(value, kind)
        msgspec.json.encode(value)
    except msgspec.ValidationError as error:
        return [f"{name}: {_plainly(str(error))}"]
    except UnicodeEncodeError:  # half a surrogate, which JSON can spell
        return [f"{name}: not text that can be sent"]
    return []


def name_of(kind: type[Fault]) -> str:
    """What a kind is called in JSON and TOML."""
    return str(kind.__struct_config__.tag)


def written(fault: Fault) -> dict[str, Any]:
    """The fault as values of JSON, every field of it."""
    return cast(dict[str, Any], msgspec.to_builtins(fault))


def differing(fault: Fault) -> dict[str, Any]:
    """The fields whose values are not the defaults."""
    usual = {
        field.name: _default(field) for field in msgspec.structs.fields(fault) if not field.required
    }
    values = msgspec.structs.asdict(fault)
    return {
        name: value for name, value in values.items() if name not in usual or usual[name] != value
    }


def described() -> dict[str, Any]:
    """Every kind: what it does, and its fields with their types and defaults."""
    return {name: _description(kind) for name, kind in KINDS.items()}


def _kind_of(name: object) -> type[Fault]:
    if name is None:
        raise FaultError(["fault: missing"])
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise FaultError([f"fault: {name!r} is none of {', '.join(KINDS)}"])
    return kind


def _unknown(values: Mapping[str, Any], kind: type[Fault]) -> list[str]:
    return [name for name in values if name not in kind.__struct_fields__]


def _plainly(reason: str) -> str:
    """The decoder's sentence, as the rest of a sentence that names the field."""
    return (reason[:1].lower() + reason[1:]).replace(" - at `$`", "").replace("`", "")


def _description(kind: type[Fault]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        fields[field.name] = {"required": field.required, **msgspec.json.schema(field.type)}
        if not field.required:
            fields[field.name]["default"] = _default(field)
    does = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
    return {"does": does, "lasting": kind.lasting, "fields": fields}


def _default(field: msgspec.structs.FieldInfo) -> Any:
    factory = field.default_factory
    return field.default if factory is msgspec.NODEFAULT else factory()
