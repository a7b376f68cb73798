"""A certificate for loopback, made anew for every exchange that serves TLS."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

NAMES = ("127.0.0.1", "localhost")
"""What clients may call the exchange."""
CA_FILE = "authority.pem"


class Certificate:
    """A certificate for this machine, and the authority that signed it.

    The authority's certificate is left in a file for clients to trust; private keys are not.

    Raises:
        ImportError: if `trustme`, which makes certificates, is not installed.
    """

    def __init__(self) -> None:
        try:
            import trustme
        except ImportError as error:
            raise ImportError(
                "the simulated exchange needs trustme to serve TLS: "
                "pip install 'exchange-connector[simulator]'"
            ) from error
        authority = trustme.CA(organization_name="Simulated exchange")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # the other type of context that it takes is of a library that need not be there
        authority.issue_cert(*NAMES).configure_cert(self.context)  # pyright: ignore[reportUnknownMemberType]
        self._folder = tempfile.TemporaryDirectory(prefix="simulated-exchange-")
        self.ca_file = Path(self._folder.name) / CA_FILE
        authority.cert_pem.write_to_path(self.ca_file)

    def remove(self) -> None:
        """Remove the authority's file and its folder."""
        self._folder.cleanup()
