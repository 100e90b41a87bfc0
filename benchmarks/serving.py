"""Serving: start, latency, throughput, overload, uploads, exchanged models, equal predictions.

`python -m benchmarks.serving`
"""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import topwork as tw
from benchmarks.caches import own_cache
from benchmarks.images import write_classes
from benchmarks.programs import TOPWORK
from benchmarks.record import Record
from benchmarks.timing import run
from tests.deployment.serve.serving import Server, serving

REQUESTS = 400
CLIENTS = 8
OVERLOAD_S = 60.0
CAPACITY_S = 5.0
UPLOAD_MB = 1000
RELOADS = 50


@dataclass
class Offered:
    """What became of requests that were sent at a rate, however slow the answers.

    Parameters
    ----------
    answered, refused
        Seconds of each, counted from when it was due.
    other
        Statuses that are neither 200 nor 503.
    """

    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    other: list[int] = field(default_factory=list)


def main() -> None:
    record = Record("serving")
    with own_cache() as root:
        images = write_classes(root / "images", 3, 36)
        model, other = root / "m.topwork", root / "other.topwork"
        for out, part in ((model, 3), (other, 2)):
            if part == 2:
                shutil.rmtree(next(iter(sorted(images.iterdir()))))
            run(TOPWORK, "fit", str(images), "--out", str(out), "--no-baselines")
        files = sorted(images.rglob("*.jpg"))
        _start(record, model)
        with serving(model) as server:
            body = files[0].read_bytes()
            record.note("KB of the JPEG", len(body) / 1000)
            _alone(record, server, body)
            _heat(record, server, body)
            _side_by_side(record, server, model, files)
            _overloaded(record, server, body)
            _uploads(record, server, body)
            _same(record, server, model, files)
        _exchanged(record, model, other, body, root)
    record.write()


def _start(record: Record, model: Path) -> None:
    took = []
    for _ in range(3):
        begun = time.monotonic()
        with serving(model):
            took.append(time.monotonic() - begun)
    record.target("s from start to ready, second start or later", min(took[1:]), most=2)


def _request(body: bytes, port: int) -> bytes:
    head = (
        f"POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _once(
    port: int, request: bytes, idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
) -> int:
    """The status of one request, on an idle connection or a new one."""
    reader, writer = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length:")[2].split()[0])
    await reader.readexactly(length)
    if "connection: close" in head:
        writer.close()
    else:
        idle.append((reader, writer))
    return int(head.split()[1])


async def _clients(
    port: int, request: bytes, n: int, *, seconds: float = 0.0, times: int = 0
) -> list[float]:
    """Seconds of each request of n clients that ask again and again."""
    took: list[float] = []
    until = time.monotonic() + seconds if seconds else float("inf")

    async def client() -> None:
        idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        done = 0
        while time.monotonic() < until and (not times or done < times):
            begun = time.monotonic()
            status = await _once(port, request, idle)
            assert status == 200, status
            took.append(time.monotonic() - begun)
            done += 1

    await asyncio.gather(*(client() for _ in range(n)))
    return took


async def _offered(port: int, request: bytes, rate: float, seconds: float) -> Offered:
    """Requests that are sent by the clock, whether or not the earlier ones are answered."""
    found, begun = Offered(), time.monotonic()
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def one(due: float) -> None:
        try:
            status = await _once(port, request, idle)
        except (OSError, asyncio.IncompleteReadError):
            status = 0
        took = time.monotonic() - due
        if status == 200:
            found.answered.append(took)
        elif status == 503:
            found.refused.append(took)
        else:
            found.other.append(status)

    tasks = []
    for n in range(int(rate * seconds)):
        due = begun + n / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    return found


def _ms(values: list[float], quantile: float) -> float:
    return 1000 * float(np.quantile(values, quantile)) if values else 0.0


def _alone(record: Record, server: Server, body: bytes) -> None:
    request = _request(body, server.port)
    took = asyncio.run(_clients(server.port, request, 1, times=REQUESTS))[20:]
    record.target("ms of one JPEG, p50", _ms(took, 0.5), most=15)
    record.target("ms of one JPEG, p99", _ms(took, 0.99), most=40)


def _heat(record: Record, server: Server, body: bytes) -> None:
    medians = []
    for path in ("/v1/predict", "/v1/models/m/heat"):
        took = []
        for _ in range(12):
            begun = time.perf_counter()
            assert server.ask(path, body).status == 200
            took.append(time.perf_counter() - begun)
        medians.append(float(np.median(took[2:])))
    record.note("ms of a heat map of classes", 1000 * medians[1])
    record.note("predictions that take as long", medians[1] / medians[0])


def _side_by_side(record: Record, server: Server, model: Path, files: list[Path]) -> None:
    request = _request(files[0].read_bytes(), server.port)
    took = asyncio.run(_clients(server.port, request, CLIENTS, seconds=CAPACITY_S))
    rate = len(took) / CAPACITY_S
    loaded = tw.load(model, engine="openvino")
    many = [files[i % len(files)] for i in range(256)]
    loaded.predict(many)
    begun = time.monotonic()
    loaded.predict(many)
    alone = len(many) / (time.monotonic() - begun)
    record.table(
        "images/s",
        ("way", "images/s", "p50 ms", "p99 ms"),
        [("predict", alone, 0, 0), (f"{CLIENTS} clients", rate, _ms(took, 0.5), _ms(took, 0.99))],
    )
    record.target(f"images/s of {CLIENTS} clients over those of predict", rate / alone, least=0.75)


def _overloaded(record: Record, server: Server, body: bytes) -> None:
    request = _request(body, server.port)
    capacity = len(asyncio.run(_clients(server.port, request, 4, seconds=CAPACITY_S))) / CAPACITY_S
    asyncio.run(_offered(server.port, request, 3 * capacity, CAPACITY_S))
    before = server.rss
    found = asyncio.run(_offered(server.port, request, 3 * capacity, OVERLOAD_S))
    grown = (server.rss - before) / 1e6
    record.note("images/s of 4 clients, the capacity", capacity)
    record.note("503 of requests offered at three times of it", len(found.refused))
    goodput = len(found.answered) / OVERLOAD_S / capacity
    record.target("of the capacity answered at three times of it", goodput, least=0.8)
    record.target("ms until 503, p95", _ms(found.refused, 0.95), most=50)
    record.target("ms of the answered, p99", _ms(found.answered, 0.99), most=2000)
    record.target("requests neither answered nor refused", len(found.other), most=0)
    record.target("MB more after it", grown, most=20)


def _uploads(record: Record, server: Server, body: bytes) -> None:
    before, most = server.rss, 0

    def chunks() -> Iterator[bytes]:
        yield body
        for _ in range(UPLOAD_MB):
            yield bytes(1_000_000)

    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(
            b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        try:
            for chunk in chunks():
                connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                most = max(most, server.rss)
        except OSError:
            pass
    record.target("MB more at most while 1 GB is sent in chunks", (most - before) / 1e6, most=5)
    time.sleep(3)
    record.target("MB more after it was refused", (server.rss - before) / 1e6, most=5)


def _same(record: Record, server: Server, model: Path, files: list[Path]) -> None:
    loaded = tw.load(model, engine="openvino")
    expected = loaded.predict_proba(files)
    with tw.connect(f"http://127.0.0.1:{server.port}") as remote:
        by_client = remote.predict_proba(files)
    with ThreadPoolExecutor(CLIENTS) as pool:
        by_protocol = np.array(list(pool.map(lambda file: _inferred(server, file), files)))
    differences = [np.abs(found - expected).max() for found in (by_client, by_protocol)]
    record.note("images predicted in four ways", len(files))
    record.target("largest difference of a probability", float(max(differences)), most=1e-5)


def _inferred(server: Server, file: Path) -> list[float]:
    data = base64.b64encode(file.read_bytes()).decode()
    tensor = {"name": "picture", "shape": [1], "datatype": "BYTES", "data": [data]}
    body = json.dumps({"inputs": [tensor]}).encode()
    found = server.ask("/v2/models/m/infer", body).json["outputs"]
    return list(next(one["data"] for one in found if one["name"] == "probabilities"))


def _exchanged(record: Record, model: Path, other: Path, body: bytes, root: Path) -> None:
    target = root / "exchanged.topwork"
    both = [tw.load(model), tw.load(other)]
    both[0].save(target)
    with serving(target) as server:

        async def load() -> tuple[int, int]:
            failures = asked = 0
            idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
            exchanging = asyncio.create_task(asyncio.to_thread(_exchange, server, both, target))
            while not exchanging.done():
                failures += await _once(server.port, _request(body, server.port), idle) != 200
                asked += 1
            await exchanging
            return failures, asked

        failures, asked = asyncio.run(load())
    record.note(f"requests while {RELOADS} models were exchanged", asked)
    record.target("of them failed", failures, most=0)


def _exchange(server: Server, both: list[tw.Model], target: Path) -> None:
    for turn in range(1, RELOADS + 1):
        both[turn % 2].save(target)
        until = time.monotonic() + 30
        while server.metric("topwork_reloads_total") < turn:
            assert time.monotonic() < until
            time.sleep(0.1)


if __name__ == "__main__":
    main()
