"""A server on this machine that speaks S3, in memory."""

from __future__ import annotations

import sys


def main(port: str) -> None:
    from moto.server import main as serve

    serve(["-H", "127.0.0.1", "-p", port])


if __name__ == "__main__":
    main(sys.argv[1])
