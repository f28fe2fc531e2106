"""`python -m meshcoal`, and the entry point of the `meshcoal` command."""

from __future__ import annotations

from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    from meshcoal.cli.app import main as run

    run()


if __name__ == "__main__":
    main()
