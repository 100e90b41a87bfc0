"""The command line: parses, calls, prints."""

from __future__ import annotations

import sys


def main() -> None:
    """Run ``topwork`` and end the process with its exit status."""
    from topwork.cli.app import run

    sys.exit(run(sys.argv[1:]))
