"""The configuration in a TOML file and in the environment."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

from .config import Config
from .config_builder import JOURNAL, assemble
from .config_checks import find_faults
from .config_secrets import HIDDEN
from .errors import ConfigurationError, ValidationError

PREFIX = "EXCHANGE_CONNECTOR_"

Tables = dict[str, dict[str, Any]]
Faults = list[ValidationError]


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration in `path`, overridden by the variables that begin with `PREFIX`.

    Without a path the variables are all there is.

    Raises:
        ConfigurationError: Everything that is wrong with the file and the variables.
    """
    faults: Faults = []
    tables = _known(_read(path, faults), faults) if path is not None else {}
    _override(tables, environ, faults)
    config = assemble(tables)
    told = {fault.field for fault in faults}
    faults += [fault for fault in find_faults(config) if fault.field not in told]
    if faults:
        raise ConfigurationError(tuple(faults))
    return config


def _read(path: Path, faults: Faults) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        reason = f"cannot be read: {error.strerror or type(error).__name__}"
    except UnicodeDecodeError:
        reason = "is not UTF-8"
    except (ValueError, RecursionError) as error:
        # Python 3.14 keeps the whole text in the exception, and some messages quote from it.
        line = getattr(error, "lineno", None)
        reason = "is no valid TOML" + (f" (line {line})" if line else "")
    # Raised elsewhere, so that no exception which has read the secrets hangs on it.
    faults.append(ValidationError("path", str(path), reason))
    return {}


def _known(document: dict[str, Any], faults: Faults) -> Tables:
    """The tables and fields that there are; of others only the name is told."""
    names = _fields()
    tables: Tables = {}
    for table, content in document.items():
        if table == JOURNAL and isinstance(content, str):
            tables[table] = {"path": content}
        elif table == JOURNAL:
            faults.append(ValidationError(table, HIDDEN, "must be a text: a path"))
        elif table not in names:
            faults.append(ValidationError(table, HIDDEN, "there is no such table"))
        elif not isinstance(content, dict):
            faults.append(ValidationError(table, HIDDEN, "must be a table"))
        else:
            fields = cast(dict[str, Any], content)
            unknown = fields.keys() - names[table]
            for name in sorted(unknown):
                reason = "there is no such field"
                faults.append(ValidationError(f"{table}.{name}", HIDDEN, reason))
            tables[table] = {name: value for name, value in fields.items() if name not in unknown}
    return tables


def _override(tables: Tables, environ: Mapping[str, str], faults: Faults) -> None:
    variables = {
        _variable(table, name): (table, name, kind)
        for table, fields in _fields().items()
        for name, kind in fields.items()
    }
    for variable, text in environ.items():
        if not variable.startswith(PREFIX):
            continue
        if variable == PREFIX + JOURNAL.upper():
            tables[JOURNAL] = {"path": text}
            continue
        if variable not in variables:
            faults.append(ValidationError(variable, HIDDEN, "there is no such variable"))
            continue
        table, name, kind = variables[variable]
        try:
            value = _CONVERTERS[kind](text)
        except ValueError:
            reason = f"{variable} must be {_WORDS[kind]}"
            faults.append(ValidationError(f"{table}.{name}", text, reason))
        else:
            tables.setdefault(table, {})[name] = value


def _variable(table: str, name: str) -> str:
    return PREFIX + (name if table == "exchange" else f"{table}_{name}").upper()


def _fields() -> dict[str, dict[str, type]]:
    """The type of every field, by table and name."""
    return {
        table.name: {field.name: field.type for field in msgspec.structs.fields(table.type)}
        for table in msgspec.structs.fields(Config)
        if table.type is not str
    }


def _switch(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0"):
        raise ValueError(text)
    return text.lower() in ("true", "1")


def _integer(text: str) -> int:
    if not text.isascii() or not text.removeprefix("-").isdigit():
        raise ValueError(text)
    return int(text)


_WORDS: dict[type, str] = {bool: "true or false", int: "an integer", float: "a number"}
_CONVERTERS: dict[type, Callable[[str], Any]] = {
    str: str,
    bool: _switch,
    int: _integer,
    float: float,
}
