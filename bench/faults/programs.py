"""The clients that are put under the faults, by name."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from exchange_connector.campaign.clients import Program

from ..process import ENVIRONMENTS, ROOT, Failed

NO_REST = "it asks for nothing by REST"


@dataclass(frozen=True)
class Client:
    """A client, and its program in `clients/`.

    Attributes:
        name: That of its distribution, and of the folder of its environment.
        lacks: Why the rows that concern requests by REST do not apply to it; "" if they do.
        is_ours: Whether it is the connector.
    """

    name: str
    lacks: str = ""
    is_ours: bool = False

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return Path(sys.executable) if self.is_ours else ENVIRONMENTS / self.name / "bin" / "python"

    @property
    def program(self) -> Program:
        """How it is started.

        Raises:
            Failed: It has no environment.
        """
        if not self.python.exists():
            raise Failed("its environment is not there")
        module = "ours" if self.is_ours else self.name.replace("-", "_")
        arguments = ("-m", f"bench.faults.clients.{module}")
        return Program(self.name, arguments, str(self.python), ROOT)

    def version(self) -> str:
        """Of its distribution, as installed."""
        code = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
        command = [str(self.python), "-c", code, self.name]
        try:
            return subprocess.run(
                command, capture_output=True, text=True, check=True
            ).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return ""


CLIENTS: dict[str, Client] = {
    "ours": Client("exchange-connector", is_ours=True),
    "python-binance": Client("python-binance"),
    "ccxt": Client("ccxt"),
    "unicorn": Client("unicorn-binance-websocket-api", lacks=NO_REST),
    "cryptofeed": Client("cryptofeed", lacks=NO_REST),
    "binance-sdk-spot": Client("binance-sdk-spot"),
}
"""By the name that the command line has for them, in the order of the table."""
