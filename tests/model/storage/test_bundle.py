"""The contract of bundles: the same answers anywhere, and nothing loaded that isn't as saved."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from topwork.data import read, read_items
from topwork.errors import BundleError
from topwork.inductive import FitSettings, fit
from topwork.model import Model, load
from topwork.model.storage.manifest import FILES, FILES_OF_TASK, MANIFEST

CLASSIFIER = sorted(FILES | FILES_OF_TASK["classes"])


@pytest.fixture(scope="module")
def fitted(drawn: Path, session_cache: Path) -> Model:
    return fit(
        read(drawn), FitSettings(backbone="packaged:efficientnet_lite0/64", baselines=False)
    ).model


@pytest.fixture(scope="module")
def bundle(fitted: Model, tmp_path_factory) -> Path:
    return fitted.save(tmp_path_factory.mktemp("bundle") / "shapes.topwork")


@pytest.fixture
def copy(bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle, tmp_path / "copy.topwork"))


def test_a_new_process_gives_the_same_probabilities(bundle: Path, fitted: Model, drawn) -> None:
    script = (
        "import sys, json, topwork as tw\n"
        "m = tw.load(sys.argv[1])\n"
        "print(json.dumps(m.predict_proba(sys.argv[2]).tolist()))\n"
        "assert not {'torch', 'timm', 'sklearn'} & set(sys.modules), 'heavy imports'\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(bundle), str(drawn)],
        capture_output=True,
        text=True,
        check=True,
    )
    np.testing.assert_allclose(json.loads(said.stdout), fitted.predict_proba(drawn), atol=1e-4)


def test_a_process_on_one_core_ends_as_it_should(bundle: Path, drawn: Path) -> None:
    """What OpenVINO compiled had to be let go first, or it aborted after all was done."""
    script = (
        "import os, sys\n"
        "if hasattr(os, 'sched_setaffinity'):\n"
        "    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "import topwork as tw\n"
        "model = tw.load(sys.argv[1])\n"
        "model.predict(sys.argv[2])\n"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script, str(bundle), str(drawn)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_another_engine_gives_the_same_answer(bundle: Path, drawn: Path) -> None:
    compiled = load(bundle, engine="openvino").predict_proba(drawn)
    eager = load(bundle, engine="torch").predict_proba(drawn)
    gap = np.abs(compiled - eager)
    assert np.percentile(gap, 95) <= 0.03
    assert gap.max() <= 0.10
    assert (compiled.argmax(1) == eager.argmax(1)).mean() >= 0.99


def test_one_by_one_is_the_same_as_all_at_once(fitted: Model, drawn: Path) -> None:
    items = read_items(drawn)
    together = fitted.predictions(items).probabilities
    alone = np.concatenate([fitted.predictions([item]).probabilities for item in items[::6]])
    np.testing.assert_allclose(together[::6], alone, atol=1e-5)


def test_the_bundle_holds_what_the_model_knows(bundle: Path, fitted: Model) -> None:
    loaded = load(bundle)
    assert loaded.card == fitted.card
    assert loaded.labels == ["discs", "noise", "stripes"]
    statistics = loaded.parts.statistics
    assert statistics.counts.tolist() == [12, 12, 12]
    assert statistics.means.shape == (3, 1280)
    assert statistics.covariance.shape == (1280, 1280)
    assert statistics.rehearsal.shape == (36, 1280)
    assert statistics.keys.shape == (36, 16)
    assert loaded.parts.facts["scores"]["accuracy"]["value"] > 0.9
    assert str(Path.home()) not in (bundle / MANIFEST).read_text()


@pytest.mark.parametrize("name", CLASSIFIER)
def test_a_changed_byte_is_refused(copy: Path, name: str) -> None:
    file = copy / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(BundleError, match="changed") as refusal:
        load(copy)
    assert refusal.value.code == "changed_file"


@pytest.mark.parametrize("name", CLASSIFIER)
def test_a_missing_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(BundleError, match="lacks"):
        load(copy)


def _edit(copy: Path, **changes) -> None:
    manifest = json.loads((copy / MANIFEST).read_text())
    manifest.update(changes)
    (copy / MANIFEST).write_text(json.dumps(manifest))


def test_an_unknown_schema_is_refused(copy: Path) -> None:
    _edit(copy, schema_version=99, something_new=1)
    with pytest.raises(BundleError, match="99") as refusal:
        load(copy)
    assert refusal.value.code == "unknown_schema"


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"schema_version": 1}', "\x00", '"text"'])
def test_a_broken_manifest_is_refused(copy: Path, manifest: str) -> None:
    (copy / MANIFEST).write_text(manifest)
    with pytest.raises(BundleError) as refusal:
        load(copy)
    assert refusal.value.code in {"bad_manifest", "unknown_schema"}


@pytest.mark.parametrize("name", ["../outside.bin", "/etc/passwd", "a/b", "..", "a\\b"])
def test_a_path_outside_the_folder_is_refused(copy: Path, name: str) -> None:
    _edit(copy, files={**json.loads((copy / MANIFEST).read_text())["files"], name: "0" * 64})
    with pytest.raises(BundleError, match="outside") as refusal:
        load(copy)
    assert refusal.value.code == "outside_path"


def test_a_link_is_refused(copy: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.bin"
    (copy / "graph.bin").rename(target)
    (copy / "graph.bin").symlink_to(target)
    with pytest.raises(BundleError, match="outside"):
        load(copy)


@pytest.mark.parametrize("name", ["weights.pkl", "model.pt", "innocent.json"])
def test_a_pickle_is_refused(copy: Path, name: str) -> None:
    (copy / name).write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(BundleError, match="pickle") as refusal:
        load(copy)
    assert refusal.value.code == "pickle"


def test_a_foreign_file_is_refused(copy: Path) -> None:
    (copy / "notes.txt").write_text("hello")
    with pytest.raises(BundleError, match="not part of a model"):
        load(copy)


def test_a_manifest_that_names_foreign_files_is_refused(copy: Path) -> None:
    _edit(copy, files={**json.loads((copy / MANIFEST).read_text())["files"], "x.sh": "0" * 64})
    with pytest.raises(BundleError, match="no model has"):
        load(copy)


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BundleError, match="not a model"):
            load(path)


def test_saving_replaces_a_bundle_and_nothing_else(fitted: Model, tmp_path: Path) -> None:
    target = tmp_path / "m.topwork"
    fitted.save(target)
    before = (target / MANIFEST).stat().st_ino
    fitted.save(target)
    assert (target / MANIFEST).stat().st_ino != before
    assert [p.name for p in tmp_path.iterdir()] == ["m.topwork"]
    precious = tmp_path / "photos"
    precious.mkdir()
    (precious / "a.txt").write_text("mine")
    with pytest.raises(BundleError, match="left as it is"):
        fitted.save(precious)
    assert (precious / "a.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "name",
    [
        ".DS_Store", "._model.json", "desktop.ini", "Thumbs.db", ".ipynb_checkpoints/a.json",
        "@eaDir/graph.xml", ".gitattributes",
    ],
)  # fmt: skip
def test_what_systems_leave_behind_is_never_opened(copy: Path, fitted: Model, name: str) -> None:
    file = copy / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(pickle.dumps({"a": 1}))
    file.chmod(0)
    assert load(copy).card == fitted.card


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("._weights.pkl", "pickle"), ("graph.xml.bak", "unknown_file"), ("run.sh", "unknown_file"),
        ("tokenizer.json", "unknown_file"), ("code/a.py", "unknown_file"),
    ],
)  # fmt: skip
def test_what_could_run_or_claims_to_be_a_part_is_refused(copy: Path, name: str, code: str) -> None:
    file = copy / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("{}")
    with pytest.raises(BundleError) as refusal:
        load(copy)
    assert refusal.value.code == code


def test_pages_for_people_may_be_edited_or_left_out(copy: Path, drawn: Path, capsys) -> None:
    from topwork.cli.app import run

    (copy / "README.md").write_text("mine\n")
    (copy / "report.html").write_text("<p>edited\n")
    assert load(copy).predict(drawn).tolist()[0] == "discs"
    assert load(copy).parts.edited == ("README.md", "report.html")
    out = copy.parent / "page.html"
    assert run(["report", str(copy), "--out", str(out)]) == 0
    assert "was edited after the model was saved" in capsys.readouterr().err
    again = load(copy).save(copy.parent / "again.topwork")
    assert (again / "README.md").read_text() == "mine\n"
    (copy / "README.md").unlink()
    (copy / "report.html").unlink()
    assert load(copy).parts.pages == {}
    assert run(["report", str(copy)]) == 2
    assert "holds no report.html" in capsys.readouterr().err
