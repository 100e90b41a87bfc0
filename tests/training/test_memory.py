"""Memory does not grow with the number of stored items."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from topwork.features import Fingerprint, LanceStore

_SCRIPT = """
import json, sys
from pathlib import Path
import numpy as np, torch
from topwork.features import Fingerprint, LanceStore
from topwork.training.batches import ActivationBatches
torch.set_num_threads(1)

def own_memory():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon"))

root, n = Path(sys.argv[1]), int(sys.argv[2])
keys = [i.to_bytes(16, "big") for i in range(n)]
key = Fingerprint("timm:x", "w0", "blocks.5", (("size", 8),), "openvino", "float32")
store = LanceStore(root, key, "bfloat16")
activations = store.activations(keys, views=("plain",), shape=(16, 4, 4))
batches = ActivationBatches(activations, np.arange(n), np.zeros(n, int))
most = 0
for i, batch in enumerate(batches.epoch(np.random.default_rng(0), 500)):
    most = max(most, own_memory())
    if i == 19:
        break
print(json.dumps([most, batch.inputs.shape[1]]))
"""


def _peak(root: Path, n: int) -> int:
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(root), str(n)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        check=True,
        capture_output=True,
        text=True,
    )
    most, channels = json.loads(done.stdout)
    assert channels == 16
    return int(most)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's own account")
def test_ten_times_the_items_take_no_more_memory(tmp_path: Path) -> None:
    key = Fingerprint("timm:x", "w0", "blocks.5", (("size", 8),), "openvino", "float32")
    store = LanceStore(tmp_path, key, "bfloat16")
    rows = np.random.default_rng(0).normal(size=(5_000, 16, 4, 4)).astype(np.float32)
    for start in range(0, 100_000, 5_000):
        store.append([i.to_bytes(16, "big") for i in range(start, start + 5_000)], rows)
    store.flush()
    few, many = _peak(tmp_path, 10_000), _peak(tmp_path, 100_000)
    print(few, many)
    # 90,000 more rows are 46 MB; what may grow is keys and row numbers
    assert many - few < 25e6
