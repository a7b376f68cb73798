"""The authorities that a configuration trusts instead of the usual ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from exchange_connector.messages.config import Config
from exchange_connector.messages.errors import ConfigurationError


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    """A file with the certificate of an authority."""
    path = tmp_path / "authority.pem"
    trustme.CA().cert_pem.write_to_path(path)
    return path


def refusal(ca_file: str) -> tuple[str, str]:
    """Field and reason of what is wrong with it."""
    with pytest.raises(ConfigurationError) as caught:
        Config.builder().exchange("binance").connection(ca_file=ca_file).build()
    (fault,) = caught.value.errors
    return fault.field, fault.reason


def test_it_is_named_in_all_ways(pem: Path, tmp_path: Path) -> None:
    """By the builder, in a file and in the environment; without it, it is empty."""
    built = Config.builder().exchange("binance").connection(ca_file=str(pem)).build()
    assert built.connection.ca_file == str(pem)
    assert Config.builder().exchange("binance").build().connection.ca_file == ""
    toml = tmp_path / "connector.toml"
    toml.write_text(f"[exchange]\nname = 'binance'\n[connection]\nca_file = '{pem}'\n")
    assert Config.load(toml, environ={}) == built
    toml.write_text("[exchange]\nname = 'binance'\n")
    named = {"EXCHANGE_CONNECTOR_CONNECTION_CA_FILE": str(pem)}
    assert Config.load(toml, environ=named) == built


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """It is told at once, with the field's name."""
    field, reason = refusal(str(tmp_path / "nowhere.pem"))
    assert field == "connection.ca_file"
    assert reason == "cannot be read: No such file or directory"
    assert refusal("a\0b")[0] == "connection.ca_file"


@pytest.mark.parametrize("content", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nx\n"])
def test_a_file_without_certificates(content: str, tmp_path: Path) -> None:
    """It would trust nobody."""
    path = tmp_path / "authority.pem"
    path.write_text(content)
    assert refusal(str(path)) == ("connection.ca_file", "holds no certificates (PEM)")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """It is refused too."""
    assert refusal(str(tmp_path))[0] == "connection.ca_file"
