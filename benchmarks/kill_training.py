"""Kill -9 at ten random moments of each way of training: the continued run ends as undisturbed.

`python -m benchmarks.kill_training`
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.caches import own_cache
from benchmarks.programs import TOPWORK
from benchmarks.record import Record
from benchmarks.timing import ROOT, environment, run, tell
from topwork.cli.samples.surfaces import write_surfaces
from topwork.search.rungs.partial import NAME as PARTIAL
from topwork.search.rungs.whole import FULL, LORA

KILLS = 10
SEED = 0
WAYS = {
    "partial": ("packaged:efficientnet_lite0/96", PARTIAL),
    "full": ("random:lcnet_035/64", FULL),
    "lora": ("random:test_vit", LORA),
}
"""Small networks: each is started some twenty times."""


def main() -> None:
    record = Record("kill_training")
    rng = np.random.default_rng(SEED)
    with own_cache() as root:
        images = root / "images"
        write_surfaces(images, SEED)
        for strategy, (backbone, rung) in WAYS.items():
            command = _command(images, backbone, strategy, root / f"{strategy}.topwork")
            _judge(record, root, command, strategy, rung, rng)
    record.write()


def _judge(
    record: Record,
    root: Path,
    command: list[str],
    strategy: str,
    rung: str,
    rng: np.random.Generator,
) -> None:
    cache = root / "cache"
    run(*command[:-4], "--strategy", "probe", *command[-2:])  # features and graph are there
    shutil.rmtree(cache / "training", ignore_errors=True)
    begun = time.monotonic()
    undisturbed = _scores(run(*command).stdout)[rung]
    seconds = time.monotonic() - begun
    table, differences = [], []
    for number in range(KILLS):
        shutil.rmtree(cache / "training", ignore_errors=True)
        moment = float(rng.uniform(0.1, 1.0)) * seconds
        _kill(command, moment)
        fits = len(list((cache / "training").rglob("fit.safetensors")))
        begun = time.monotonic()
        found = _scores(run(*command).stdout)[rung]
        again = time.monotonic() - begun
        differences.append(abs(found - undisturbed))
        table.append((str(number + 1), moment, fits, again, found))
        tell(f"{strategy} killed after {moment:.0f} of {seconds:.0f} s: {found:.3f}")
    record.table(
        f"{strategy}: {KILLS} kills in runs of {seconds:.0f} s that score {undisturbed:.3f}",
        ("kill", "after s", "fits finished", "s to the end", "score then"),
        table,
    )
    record.target(f"{strategy}: largest difference of the score", max(differences), most=0.02)


def _command(images: Path, backbone: str, strategy: str, out: Path) -> list[str]:
    fit = [TOPWORK, "fit", str(images), "--backbone", backbone, "--json", "--minutes", "60"]
    fit += ["--folds", "3"]
    return [*fit, "--strategy", strategy, "-o", str(out)]


def _kill(command: list[str], moment: float) -> None:
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment(),
    ) as process:
        time.sleep(moment)
        process.kill()


def _scores(output: str) -> dict[str, float]:
    """Balanced accuracy of everything that was tried."""
    result: dict[str, Any] = json.loads(output)
    return {t["name"]: t["scores"]["balanced_accuracy"]["value"] for t in result["tried"]}


if __name__ == "__main__":
    main()
