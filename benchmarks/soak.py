"""A server asked for long, by good and bad clients: memory, files, threads and latency stay flat.

A tenth of the images can't be read, and one client in twenty goes away before its answer.

`python -m benchmarks.soak [REQUESTS]` (20,000 by default)
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.caches import own_cache
from benchmarks.images import write_classes
from benchmarks.programs import TOPWORK
from benchmarks.record import Record
from benchmarks.timing import run, tell
from tests.deployment.serve.serving import Server, serving

REQUESTS, CLIENTS, WARM_UP = 20_000, 4, 1000
BAD, GONE = 0.1, 0.05
LOOKS = 20
"""How often memory is looked at."""


@dataclass
class Seen:
    """What became of requests, and of the process meanwhile.

    Parameters
    ----------
    seconds
        Of each good request.
    wrong
        Statuses that are not what a request deserves.
    looks
        Requests so far, bytes of memory, open files and threads.
    """

    seconds: list[float] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    looks: list[tuple[int, int, int, int]] = field(default_factory=list)


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS
    record = Record("soak")
    record.note("requests", n)
    with own_cache() as root:
        images = write_classes(root / "images", 3, 36)
        model = root / "m.topwork"
        run(TOPWORK, "fit", str(images), "--out", str(model), "--no-baselines")
        body = sorted(images.rglob("*.jpg"))[0].read_bytes()
        with serving(model) as server:
            alone = asyncio.run(_asked(server, body, WARM_UP, bad=0.0, gone=0.0))
            mixed = asyncio.run(_asked(server, body, n, bad=BAD, gone=GONE))
    _report(record, alone, mixed, n)
    record.write()


async def _asked(server: Server, body: bytes, n: int, *, bad: float, gone: float) -> Seen:
    seen, rng = Seen(), np.random.default_rng(0)
    kinds = rng.choice(3, n, p=(1 - bad - gone, bad, gone)).tolist()
    waiting = iter(enumerate(kinds))

    async def client() -> None:
        for i, kind in waiting:
            if i % max(1, n // LOOKS) == 0:
                seen.looks.append((i, server.rss, *_open(server)))
                tell(f"{i:,} requests, {server.rss / 1e6:.1f} MB")
            begun = time.monotonic()
            status = await _one(server.port, body if kind != 1 else body[:200], gone=kind == 2)
            if kind == 0:
                seen.seconds.append(time.monotonic() - begun)
            if kind != 2 and status != (422 if kind == 1 else 200):
                seen.wrong.append(status)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    seen.looks.append((n, server.rss, *_open(server)))
    return seen


async def _one(port: int, body: bytes, *, gone: bool) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    try:
        writer.write(head.encode() + body)
        await writer.drain()
        if gone:
            return 0
        return int((await reader.readuntil(b"\r\n")).split()[1])
    finally:
        writer.close()


def _open(server: Server) -> tuple[int, int]:
    place = Path(f"/proc/{server.process.pid}")
    return len(list((place / "fd").iterdir())), len(list((place / "task").iterdir()))


def _report(record: Record, alone: Seen, mixed: Seen, n: int) -> None:
    record.table(
        "While it was asked", ("requests", "MB", "open files", "threads"),
        [(i, memory / 1e6, files, threads) for i, memory, files, threads in mixed.looks],
    )  # fmt: skip
    later = [look for look in mixed.looks if look[0] >= n // 4]
    slope = np.polyfit([i for i, *_ in later], [memory / 1e6 for _, memory, *_ in later], 1)[0]
    record.target("MB more per 10,000 requests", float(1e4 * slope), most=1)
    record.target("open files more at the end", _grown(later, 2), most=CLIENTS)
    record.target("threads more at the end", _grown(later, 3), most=0)
    record.target("answers that were not deserved", len(mixed.wrong) + len(alone.wrong), most=0)
    ratio = float(np.quantile(mixed.seconds, 0.99) / np.quantile(alone.seconds, 0.99))
    record.target("p99 of good requests over that without bad ones", ratio, most=1.2)


def _grown(looks: Sequence[tuple[int, ...]], column: int) -> int:
    return looks[-1][column] - looks[0][column]


if __name__ == "__main__":
    main()
