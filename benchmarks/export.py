"""Export: twelve kinds of models in every format that is installed, the proof, and what it takes.

`python -m benchmarks.export`
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

import topwork as tw
from benchmarks.caches import own_cache
from benchmarks.composites import scenes
from benchmarks.images import write_classes
from benchmarks.programs import PYTHON
from benchmarks.record import Record
from benchmarks.timing import ROOT
from topwork.backbones import Input, resolve
from topwork.backbones.inputs import TokenInput
from topwork.deployment.export.exported_graph import exported_graph
from topwork.deployment.export.parity import TOLERANCE, Compared
from topwork.deployment.export.probe_inputs import BATCH
from topwork.deployment.export.target import TARGETS, Target
from topwork.errors import UserError
from topwork.installation import missing

N: Final = 500
"""Inputs that both runtimes are compared on, besides those of the proof."""

FAST: Final[Mapping[str, Any]] = {"n_folds": 2, "baselines": False}
FORMATS: Final = ("onnx", "openvino", "keras", "savedmodel", "litert")
TEXTS: Final = [
    f"the {subject} {part} was {judged}"
    for subject in ("film", "book", "song", "show")
    for part in ("plot", "end", "start", "idea")
    for judged in ("good and fine", "bad and poor")
]
GOOD: Final = ["good" if "good" in text else "bad" for text in TEXTS]


@dataclass(frozen=True)
class Sample:
    """Images of three classes, and their files."""

    folder: Path

    @property
    def files(self) -> list[str]:
        return [str(file) for file in sorted(self.folder.rglob("*.jpg"))]

    @property
    def classes(self) -> list[str]:
        return [Path(file).parent.name for file in self.files]


def _probe(backbone: str, **how: Any) -> Callable[[Sample], Any]:
    return lambda sample: tw.ImageClassifier(backbone, **{**FAST, **how}).fit(sample.folder).model_


def _keras(sample: Sample) -> Any:
    """ResNet50 of Keras with random weights."""
    from topwork.backbones.sources.keras.library import keras

    file = sample.folder.parent / "resnet50.keras"
    keras().applications.ResNet50(weights=None, include_top=False, pooling="avg").save(file)
    return _probe(f"keras:resnet50@{file}")(sample)


def _texts(**how: Any) -> Callable[[Sample], Any]:
    return lambda _: tw.TextClassifier(**{**FAST, **how}).fit(TEXTS, GOOD).model_


def _words(_: Sample) -> Any:
    """A model that chooses TF-IDF by itself: classes hang on exact numbers of parts."""
    rng = np.random.default_rng(0)
    parts = rng.permutation(np.arange(1000, 9999))[:24]
    chosen = [parts[2 * rng.integers(12) + i % 2] for i in range(120)]
    orders = [f"please send {i % 7 + 2} of qx-{part} {i}" for i, part in enumerate(chosen)]
    return tw.TextClassifier(n_folds=2).fit(orders, ["ab"[i % 2] for i in range(120)]).model_


def _detector(_: Sample) -> Any:
    images, boxes = zip(*scenes(16, seed=0), strict=True)
    detector = tw.ObjectDetector("efficientnet_lite0/160", minutes=2.0, **FAST)
    return detector.fit(list(images), list(boxes)).model_


def _several(sample: Sample) -> Any:
    labels = [[kind, *(["even"] if i % 2 else [])] for i, kind in enumerate(sample.classes)]
    return tw.ImageTagger(backbone="efficientnet_lite0").fit(sample.files, labels).model_


def _number(sample: Sample) -> Any:
    numbers = np.random.default_rng(0).lognormal(size=len(sample.files))
    return tw.ImageRegressor(backbone="efficientnet_lite0").fit(sample.files, numbers).model_


def _one_class(sample: Sample) -> Any:
    kind = sample.classes[0]
    files = [f for f, c in zip(sample.files, sample.classes, strict=True) if c == kind]
    return tw.AnomalyDetector("efficientnet_lite0/64", false_alarms=0.1).fit(files).model_


BUNDLES: Final[Mapping[str, Callable[[Sample], Any]]] = {
    "Lite0": _probe("efficientnet_lite0"),
    "Lite1": _probe("efficientnet_lite1"),
    "Lite2": _probe("efficientnet_lite2"),
    "Lite0 and Lite1 side by side": _probe("efficientnet_lite0/128+efficientnet_lite1/128"),
    "Lite0, last layers trained": _probe("efficientnet_lite0/128", strategy="partial"),
    "ResNet50 of Keras, random": _keras,
    "MiniLM, texts": _texts(backbone="packaged:all-minilm-l6-v2"),
    "ViT-tiny, random": _probe("random:vit_tiny_patch16_224"),
    "TF-IDF, texts": _words,
    "detector": _detector,
    "several labels": _several,
    "number": _number,
    "one class": _one_class,
}


def main() -> None:
    record = Record("export")
    formats = [name for name in FORMATS if not missing(TARGETS[name].packages)]
    for name in sorted({*FORMATS} - {*formats}):
        record.skip(f"{name}: {', '.join(missing(TARGETS[name].packages))} not installed")
    with own_cache() as root, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sample = Sample(write_classes(root / "images", 3, 12))
        _every_bundle(record, sample, formats, root)
        model = root / "Lite0.topwork"
        if model.exists():
            _quickly(record, model, root)
            _elsewhere(record, root)
    record.write()


def _every_bundle(record: Record, sample: Sample, formats: list[str], root: Path) -> None:
    rows: list[list[Any]] = []
    gaps, flips = [0.0], [0]
    for title, fit in BUNDLES.items():
        try:
            model = fit(sample)
        except (UserError, ImportError) as error:
            rows.append([title, "–", None, None, None, str(error)])
            record.skip(f"{title}: {error}")
            continue
        model.save(root / f"{title}.topwork")
        for name in formats:
            target, out = TARGETS[name], root / f"{title}-{name}"
            begun = time.perf_counter()
            try:
                tw.export_model(model, name, out)
            except UserError as error:
                rows.append([title, name, None, None, None, str(error)])
                continue
            took = time.perf_counter() - begun
            gap, flipped = _compared(model, target, out)
            rows.append([title, name, gap, flipped, took, ""])
            gaps.append(gap)
            flips.append(flipped)
    record.table(
        f"exported models on {N} inputs more",
        ("model", "format", "difference / range", "flipped", "s with proof", "why not"),
        rows,
    )
    record.target("largest difference as a share of the range", max(gaps), most=TOLERANCE)
    record.target(f"predictions flipped of {N}, worst model", max(flips), most=0)
    record.note("models in formats that were compared", len(gaps) - 1)


def _compared(model: Any, target: Target, out: Path) -> tuple[float, int]:
    compared = Compared(exported_graph(model), target.opened(out / target.file))
    inputs = _inputs(model.card.input)
    for start in range(0, N, BATCH):
        compared.see(inputs[start : start + BATCH])
    parity = compared.parity()
    return parity.max_difference, parity.labels_flipped


def _inputs(spec: Input) -> Any:
    """Smooth images, whose values are anything; texts of any tokens."""
    rng = np.random.default_rng(7)
    if isinstance(spec, TokenInput):
        return rng.integers(0, spec.vocabulary, (N, 24), dtype=np.int32)
    coarse = rng.integers(0, 256, (N, 8, 8, 3), dtype=np.uint8)
    rows, columns = np.arange(spec.height) * 8 // spec.height, np.arange(spec.width) * 8
    return np.ascontiguousarray(coarse[:, rows][:, :, columns // spec.width])


_EXPORT: Final = """
import json, sys, time
begun = time.perf_counter()
import topwork
topwork.export_model(sys.argv[1], "onnx", sys.argv[2])
print(json.dumps([time.perf_counter() - begun, "torch" in sys.modules]))
"""


def _quickly(record: Record, model: Path, root: Path) -> None:
    took, torch = [], False
    for i in range(3):
        ran = _ran(PYTHON, "-c", _EXPORT, str(model), str(root / f"quick{i}"))
        seconds, imported = json.loads(ran.stdout.splitlines()[-1])
        took.append(seconds)
        torch = torch or imported
    record.target("s from Lite0 to ONNX in a new process, with the proof", min(took), most=5)
    record.target("PyTorch was imported for it (1 is yes)", float(torch), most=0)


def _elsewhere(record: Record, root: Path) -> None:
    """`verify.py` where nothing but the runtime and numpy is."""
    for name in ("onnx", "openvino"):
        folder = root / f"Lite0-{name}"
        if not folder.is_dir():
            continue
        runtime = TARGETS[name].runtime
        with tempfile.TemporaryDirectory() as place:
            try:
                _ran(sys.executable, "-m", "venv", place)
                python = str(Path(place) / "bin" / "python")
                constraints = str(ROOT / "constraints.txt")
                _ran(python, "-m", "pip", "install", "-q", "-c", constraints, runtime, "numpy")
            except subprocess.CalledProcessError as error:
                said = error.stderr.strip().splitlines()
                record.skip(f"verify.py with {runtime} alone: {said[-1] if said else 'failed'}")
                continue
            _ran(python, "-c", "import sys, numpy; assert not sys.modules.get('topwork')")
            took = []
            for _ in range(3):
                begun = time.perf_counter()
                _ran(python, str(folder / "verify.py"))
                took.append(time.perf_counter() - begun)
            record.target(f"s of verify.py with {runtime} and numpy alone", min(took), most=5)


def _ran(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=True)


if __name__ == "__main__":
    resolve("efficientnet_lite0")  # says what is missing before anything is fitted
    main()
