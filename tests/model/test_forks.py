"""A forked process answers like the one that it was forked from; threads share one model."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.language import model_folder, reviews
from topwork.data import read
from topwork.inductive import FitSettings, fit
from topwork.model import Model, load

SMALL = "packaged:efficientnet_lite0/64"
SCRIPT = """
import multiprocessing, os, sys
import topwork as tw
kind, folder, data, network = sys.argv[1:]

def fitted():
    if kind == "image":
        return tw.ImageClassifier(network, baselines=False).fit(data)
    return tw.TextClassifier(backbone=network, n_folds=3, baselines=False).fit(data)

def answers(model):
    return model.predict(inputs).tolist()

def work(what):
    return answers(fitted() if what == "fit" else model)

inputs = [str(p) for p in sorted(tw.data.Path(data).rglob("*.png"))] if kind == "image" else [
    "fine lovely word1", "dull bleak word2"] * 6
model = tw.load(folder)
wanted = answers(model)
answers(fitted())
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map_async(work, ["predict"] * 3 + ["fit"]).get(timeout=100) == [wanted] * 4
    pool.terminate()
child = os.fork()
if child == 0:
    assert work("predict") == wanted
    sys.exit(0)
status = os.waitpid(child, 0)[1]
assert status == 0, status
assert answers(model) == wanted
print("fine")
""".replace("tw.data.Path", "__import__('pathlib').Path")


@pytest.fixture(scope="module")
def image_model(drawn: Path, session_cache: Path, tmp_path_factory) -> Path:
    fitted = fit(read(drawn), FitSettings(backbone=SMALL, baselines=False))
    return fitted.model.save(tmp_path_factory.mktemp("images") / "m.topwork")


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="this system doesn't fork"
)
@pytest.mark.parametrize("kind", ["image", "text"])
def test_forked_processes_answer_and_fit_like_their_parent(
    kind: str, image_model: Path, drawn: Path, tmp_path: Path
) -> None:
    folder, data, network = image_model, drawn, SMALL
    if kind == "text":
        network = f"transformers:tiny@{model_folder(tmp_path / 'bert')}"
        texts, labels = reviews(60)
        data = tmp_path / "reviews.csv"
        rows = [f"{text},{label}" for text, label in zip(texts, labels, strict=True)]
        data.write_text("\n".join(["text,label", *rows]))
        settings = FitSettings(backbone=network, n_folds=3, baselines=False)
        folder = fit(read(data), settings).model.save(tmp_path / "m.topwork")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, kind, str(folder), str(data), network],
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
        env={**os.environ},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "fine"


def test_threads_share_a_model_that_compiles_once(
    image_model: Path, drawn: Path, monkeypatch
) -> None:
    model, opened = load(image_model), []
    before = Model._opened
    monkeypatch.setattr(
        Model, "_opened", lambda self, n, part: opened.append(n) or before(self, n, part)
    )
    files = sorted(drawn.rglob("*.png"))
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda file: model.predict(file)[0], files))
    assert said == [file.parent.name for file in files]
    assert opened == [1]
