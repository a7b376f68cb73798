"""Runs the command line as `python -m exchange_connector`."""

from .cli import main

if __name__ == "__main__":
    main()
