"""How long small things take as whole processes, what they import, and what an install weighs.

`python -m benchmarks.startup`

With TOPWORK_CORE_VENV=.venv-core it measures what `make .venv-core/installed` installs: the core
alone, as `make demo` does.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.caches import own_cache
from benchmarks.images import write_classes
from benchmarks.installed import core, predict_only
from benchmarks.programs import ENVIRONMENT, PYTHON, TOPWORK
from benchmarks.record import Record
from benchmarks.timing import Spent, interleaved, medians, run

REPEATS = 9
HEAVY = ("torch", "sklearn", "timm", "torchvision", "lance", "pandas")
NOTHING, IMPORT = 'python -c "" (for comparison)', 'python -c "import topwork"'
PREDICT, FIRST = "topwork predict, one image", "topwork predict, one image, nothing compiled"
FIRST_FIT, SECOND_FIT = "first topwork fit, 45 images", "second topwork fit, 45 images"
FIT_REPEATS = 5
FORBIDDEN = ("torch", "sklearn")
TRAINING = ("torch", "timm", "torchvision")
SHOWN = 8
"""Packages whose size is listed."""


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
            NOTHING: (PYTHON, "-c", ""),
            IMPORT: (PYTHON, "-c", "import topwork"),
            "topwork --help": (TOPWORK, "--help"),
            PREDICT: predict,
        }
        for command in commands.values():
            run(*command)  # bytecode and file cache
        actions = {name: lambda c=command: run(*c) for name, command in commands.items()}
        actions[FIRST] = lambda: _forgotten(root, predict)
        found = interleaved(actions, repeats=REPEATS)
        loaded = _heavy(*predict[1:])
        fits = _fits(root)
        trained = _training(root, bundle)
    record.note("installed where the commands run", ENVIRONMENT)
    record.table(
        f"medians of {REPEATS}",
        ("process", "ms", "least ms", "processor ms"),
        [
            (name, 1e3 * m.wall, 1e3 * min(s.wall for s in all_), 1e3 * m.cpu)
            for name, all_ in found.items()
            for m in [medians(all_)]
        ],
    )
    record.table(
        f"medians of {FIT_REPEATS}",
        ("process", "s", "least s", "processor s"),
        [
            (name, m.wall, min(s.wall for s in all_), m.cpu)
            for name, all_ in fits.items()
            for m in [medians(all_)]
        ],
    )
    wall = {name: medians(all_).wall for name, all_ in found.items()}
    for what, seconds, most in (
        ("seconds of --help", wall["topwork --help"], 0.3),
        ("seconds of import topwork", wall[IMPORT] - wall[NOTHING], 0.05),
        ("seconds of predict, compiled before", wall[PREDICT], 1.0),
        ("seconds of predict, not compiled yet", wall[FIRST], 1.5),
        ("seconds of a first fit of 45 images", medians(fits[FIRST_FIT]).wall, 3.5),
        ("seconds of a second fit of 45 images", medians(fits[SECOND_FIT]).wall, 1.2),
    ):
        record.target(what, seconds, most=most)
    record.note(f"of {', '.join(HEAVY)} a predict process loads", ", ".join(loaded) or "none")
    wrong = [name for name in FORBIDDEN if name in loaded]
    record.target(f"of {' and '.join(FORBIDDEN)} a predict process loads", len(wrong), most=0)
    record.target(
        "commands that load torch, timm or torchvision (check, rank, fit, evaluate, adapt, report)",
        len(trained),
        most=0,
    )
    for what, packages, most in (
        ("the core", core(), 1000),
        ("prediction alone", predict_only(), 400),
    ):
        largest = list(packages.items())[:SHOWN]
        record.table(f"largest packages of {what}", ("package", "MB"), largest)
        record.target(
            f"MB of {len(packages)} packages of {what}", sum(packages.values()), most=most
        )
    record.write()
    assert not trained, f"{', '.join(trained)} load what only training needs"
    assert not wrong, f"a predict process loads {', '.join(wrong)}"


def _forgotten(root: Path, predict: Sequence[str]) -> None:
    shutil.rmtree(root / "cache" / "compiled", ignore_errors=True)
    run(*predict)


def _bundle(root: Path) -> tuple[Path, Path]:
    images = write_classes(root / "images", 3, 6)
    bundle = root / "model.topwork"
    run(TOPWORK, "fit", str(images), "--out", str(bundle), "--json")
    return bundle, images / "class-000" / "000.jpg"


def _fits(root: Path) -> dict[str, list[Spent]]:
    images = write_classes(root / "to fit", 3, 15)
    fit = (TOPWORK, "fit", str(images), "--out", str(root / "fitted.topwork"), "--json")

    def first() -> None:
        shutil.rmtree(root / "cache", ignore_errors=True)
        run(*fit)

    return interleaved({FIRST_FIT: first, SECOND_FIT: lambda: run(*fit)}, repeats=FIT_REPEATS)


def _training(root: Path, bundle: Path) -> list[str]:
    """The commands of the default job that load what only training needs."""
    images = str(root / "images")
    out, page = str(root / "out.topwork"), str(root / "page.html")
    commands = (
        ("check", images),
        ("rank", images),
        ("fit", images, "--out", out),
        ("evaluate", str(bundle), images),
        ("adapt", str(bundle), images, "--shallow", "--out", out),
        ("report", str(bundle), "--out", page),
    )
    return [c[0] for c in commands if _loaded(TRAINING, *c, "--json")[1]]


def _heavy(*arguments: str) -> list[str]:
    out, loaded = _loaded(HEAVY, *arguments)
    assert json.loads(out)["predictions"]
    return loaded


def _loaded(names: Sequence[str], *arguments: str) -> tuple[str, list[str]]:
    """What a command prints, and which of these modules it has imported."""
    said = run(PYTHON, "-c", _PREDICT, ",".join(names), *arguments)
    last = said.stderr.splitlines()[-1]
    return said.stdout, [name for name in names if f"'{name}'" in last]


if __name__ == "__main__":
    main()
