"""How long small things take as whole processes, and that predict loads no heavy library.

`python -m benchmarks.startup`
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.caches import own_cache
from benchmarks.images import write_classes
from benchmarks.programs import TOPWORK
from benchmarks.record import Record
from benchmarks.timing import interleaved, medians, run

REPEATS = 9
HEAVY = ("torch", "sklearn", "timm", "torchvision", "lance", "pandas")
NOTHING, IMPORT = 'python -c "" (for comparison)', 'python -c "import topwork"'
PREDICT, FIRST = "topwork predict, one image", "topwork predict, one image, nothing compiled"
FORBIDDEN = ("torch", "sklearn")

_PREDICT = """
import sys
from topwork.cli.app import run
status = run(sys.argv[2:])
print([name for name in sys.argv[1].split(",") if name in sys.modules], file=sys.stderr)
sys.exit(status)
"""


def main() -> None:
    record = Record("startup")
    with own_cache() as root:
        bundle, image = _bundle(root)
        predict = (TOPWORK, "predict", str(bundle), str(image), "--json")
        commands: dict[str, Sequence[str]] = {
            NOTHING: (sys.executable, "-c", ""),
            IMPORT: (sys.executable, "-c", "import topwork"),
            "topwork --help": (TOPWORK, "--help"),
            PREDICT: predict,
        }
        for command in commands.values():
            run(*command)  # bytecode and file cache
        actions = {name: lambda c=command: run(*c) for name, command in commands.items()}
        actions[FIRST] = lambda: _forgotten(root, predict)
        found = interleaved(actions, repeats=REPEATS)
        loaded = _heavy(*predict[1:])
    record.table(
        f"medians of {REPEATS}",
        ("process", "ms", "least ms", "processor ms"),
        [
            (name, 1e3 * m.wall, 1e3 * min(s.wall for s in all_), 1e3 * m.cpu)
            for name, all_ in found.items()
            for m in [medians(all_)]
        ],
    )
    wall = {name: medians(all_).wall for name, all_ in found.items()}
    for what, seconds, most in (
        ("seconds of --help", wall["topwork --help"], 0.3),
        ("seconds of import topwork", wall[IMPORT] - wall[NOTHING], 0.05),
        ("seconds of predict, compiled before", wall[PREDICT], 1.0),
        ("seconds of predict, not compiled yet", wall[FIRST], 1.5),
    ):
        record.target(what, seconds, most=most)
    record.note(f"of {', '.join(HEAVY)} a predict process loads", ", ".join(loaded) or "none")
    wrong = [name for name in FORBIDDEN if name in loaded]
    record.target(f"of {' and '.join(FORBIDDEN)} a predict process loads", len(wrong), most=0)
    record.write()
    assert not wrong, f"a predict process loads {', '.join(wrong)}"


def _forgotten(root: Path, predict: Sequence[str]) -> None:
    shutil.rmtree(root / "cache" / "compiled", ignore_errors=True)
    run(*predict)


def _bundle(root: Path) -> tuple[Path, Path]:
    images = write_classes(root / "images", 3, 6)
    bundle = root / "model.topwork"
    run(TOPWORK, "fit", str(images), "--out", str(bundle), "--json")
    return bundle, images / "class-000" / "000.jpg"


def _heavy(*arguments: str) -> list[str]:
    said = run(sys.executable, "-c", _PREDICT, ",".join(HEAVY), *arguments)
    assert json.loads(said.stdout)["predictions"]
    return [name for name in HEAVY if f"'{name}'" in said.stderr.splitlines()[-1]]


if __name__ == "__main__":
    main()
