"""Kill -9 at ten random moments of an extraction: what was stored stays, and nothing differs.

`python -m benchmarks.kill`
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.caches import own_cache
from benchmarks.frozen import Frozen
from benchmarks.images import write_photographs
from benchmarks.record import Record
from benchmarks.timing import ROOT, environment, run, tell
from topwork.data import read_items
from topwork.features import LanceStore
from topwork.features.store import count_rows

N = 500
KILLS = 10
FLUSH_SECONDS = 0.1
"""The default of 2 s would commit once or twice in so short a pass; so most kills are near one."""

SEED = 0
Rows = dict[bytes, bytes]
"""Content keys, and their features bit for bit."""


def main() -> None:
    record = Record("kill")
    with own_cache() as root:
        images = root / "images"
        write_photographs(images, N)
        frozen = Frozen.opened()
        keys, undisturbed = _undisturbed(frozen, images, root / "undisturbed")
        store = frozen.store(root / "killed")
        command = _command(images, root / "killed")
        stored, damaged, table = _killed(command, store, keys)
        last = json.loads(run(*command).stdout.splitlines()[-1])
        finished = _rows(store, keys)
        n_rows = count_rows(store.folder)
    record.table(
        f"{KILLS} kills in an extraction of {N} images",
        ("kill", "at image", "stored before", "stored after", "to be computed again"),
        table,
    )
    record.note("computed by the last run", last["computed"])
    record.note("computed again in all, at most", sum(row[-1] for row in table))
    record.target("stored rows lost or changed by a kill", damaged, most=0)
    record.target("last run: stored rows computed again", last["computed"] + stored - N, most=0)
    record.target("rows that differ from an undisturbed run", _gone(undisturbed, finished), most=0)
    record.target("rows stored twice", n_rows - N, most=0)
    record.write()


def _killed(
    command: list[str], store: LanceStore, keys: list[bytes]
) -> tuple[int, int, list[tuple[Any, ...]]]:
    """Rows stored in the end, rows that a kill lost or changed, and a line a kill."""
    rng = np.random.default_rng(SEED)
    kept: Rows = {}
    damaged, table = 0, []
    for number in range(KILLS):
        at = _kill(command, int(rng.uniform(number, number + 1) * N / KILLS))
        now = _rows(store, keys)
        damaged += _gone(kept, now)
        again = max(0, at - len(now))
        table.append((str(number + 1), at, len(kept), len(now), again))
        tell(f"killed at {at}: {len(now)} are stored")
        kept = now
    return len(kept), damaged, table


def _kill(command: list[str], moment: int) -> int:
    """Kill the process as soon as it says that it is past image ``moment``; how far it then was."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment()
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) > moment:
                break
        process.send_signal(signal.SIGKILL)
        rest = [line for line in process.stdout if line.endswith("\n") and line.strip().isdigit()]
    return int((rest or [line])[-1])


def _undisturbed(frozen: Frozen, images: Path, root: Path) -> tuple[list[bytes], Rows]:
    store = frozen.store(root)
    keys = frozen.extract(read_items(images), store).keys
    assert len(set(keys)) == N
    return keys, _rows(store, keys)


def _rows(store: LanceStore, keys: list[bytes]) -> Rows:
    known = store.known()
    present = [key for key in keys if key in known]
    if not present:
        return {}
    return {k: row.tobytes() for k, row in zip(present, store.read(present), strict=True)}


def _gone(before: Rows, after: Rows) -> int:
    return sum(after.get(key) != row for key, row in before.items())


def _command(images: Path, store: Path) -> list[str]:
    options = ["--store", str(store), "--flush-seconds", str(FLUSH_SECONDS), "--progress"]
    return [sys.executable, "-m", "benchmarks.frozen", str(images), *options]


if __name__ == "__main__":
    main()
