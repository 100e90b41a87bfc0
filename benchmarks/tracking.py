"""Whether objects keep their identity in drawn scenes with gaps and misses, and lines count right.

`python -m benchmarks.tracking`; the package `trackers` is compared where `TOPWORK_TRACKERS_PYTHON`
names a Python that has it (it needs other versions of what topwork needs).
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import mean, median

import numpy as np
from numpy.typing import NDArray

from benchmarks.moving_boxes import Scene, idf1, scene
from benchmarks.record import Record
from topwork.deployment.live.tracking.tracker import NO_TRACK, Tracker
from topwork.metrics.detection.detections import Detections

SCENES = range(20)
VARIABLE = "TOPWORK_TRACKERS_PYTHON"

Tracked = list[tuple[NDArray[np.int64], NDArray[np.floating]]]

_PEER = """
import sys
import numpy as np
import supervision as sv
from trackers import ByteTrackTracker

found = np.load(sys.argv[1])
rows, times = found["rows"], found["times"]
kept = [[] for _ in times]
for code in np.unique(rows[:, 5]):
    tracker = ByteTrackTracker(frame_rate=float(found["rate"]))
    for frame in range(len(times)):
        mine = rows[(rows[:, 0] == frame) & (rows[:, 5] == code)]
        said = tracker.update(sv.Detections(
            xyxy=mine[:, 1:5].reshape(-1, 4).astype(np.float32),
            confidence=mine[:, 6].astype(np.float32),
            class_id=mine[:, 5].astype(int),
        ))
        ids = np.asarray(said.tracker_id if said.tracker_id is not None else [])
        for box, number in zip(said.xyxy, ids):
            if number >= 0:
                kept[frame].append((frame, 1000 * code + number, *box))
np.save(sys.argv[2], np.array([row for frame in kept for row in frame]).reshape(-1, 6))
"""


def main() -> None:
    record = Record("tracking")
    whole, halves = ([scene(seed, every=every) for seed in SCENES] for every in (1, 2))
    milliseconds: list[float] = []
    own = [tracked(one, milliseconds) for one in whole]
    rows = [("own", *(mean(scores(s, [tracked(o) for o in s])) for s in (whole, halves)))]
    python = os.environ.get(VARIABLE)
    if python:
        theirs = [[peer(python, one) for one in s] for s in (whole, halves)]
        found = [scores(s, t) for s, t in zip((whole, halves), theirs, strict=True)]
        rows.append(("trackers, ByteTrackTracker, by class", *map(mean, found)))
        behind = mean(found[0]) - mean(scores(whole, own))
        record.target("IDF1 behind the package trackers", behind, most=0.01)
    else:
        record.skip(f"the package trackers: {VARIABLE} is not set")
    record.table(
        f"IDF1 in {len(SCENES)} scenes, mean", ("tracker", "all frames", "every second frame"), rows
    )
    record.target("IDF1 lost with half of the frames", rows[0][1] - rows[0][2], most=0.03)
    record.note("ms for a frame of 8 objects, median", median(milliseconds))
    record.write()


def scores(scenes: list[Scene], found: list[Tracked]) -> list[float]:
    """IDF1 of each scene."""
    return [idf1(one.true, own) for one, own in zip(scenes, found, strict=True)]


def tracked(one: Scene, milliseconds: list[float] | None = None) -> Tracked:
    """Track numbers and corners of each frame."""
    tracker, result = Tracker(), []
    for time_s, (corners, classes, values) in zip(one.times, one.found, strict=True):
        begun = time.perf_counter()
        said = tracker.update(Detections(corners, classes, values), float(time_s))
        if milliseconds is not None:
            milliseconds.append(1e3 * (time.perf_counter() - begun))
        own = said.tracks != NO_TRACK
        result.append((said.tracks[own], corners[own]))
    return result


def peer(python: str, one: Scene) -> Tracked:
    """The same by the package trackers, one tracker per class, in a Python that has it."""
    rows = [
        (frame, *corners, code, score)
        for frame, found in enumerate(one.found)
        for corners, code, score in zip(*found, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        given, said = Path(folder) / "scene.npz", Path(folder) / "tracks.npy"
        rate = 1 / float(np.diff(one.times).mean())
        np.savez(given, rows=np.array(rows).reshape(-1, 7), times=one.times, rate=rate)
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        command = (python, "-c", _PEER, str(given), str(said))
        subprocess.run(command, check=True, env=environment, capture_output=True)
        found = np.load(said)
    result: Tracked = []
    for frame in range(len(one.times)):
        mine = found[found[:, 0] == frame]
        result.append((mine[:, 1].astype(np.int64), mine[:, 2:]))
    return result


if __name__ == "__main__":
    main()
