"""The commands: `exchange-connector demo | simulate`."""


def main() -> None:
    """Run a command."""
