"""What an export writes, and what it refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from tests.deployment.export.models import classes
from tests.deployment.export.runtimes import without_topwork
from topwork.errors import BackboneError, ParameterError


@pytest.fixture(scope="module")
def model(drawn: Path, session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return classes(drawn).save(tmp_path_factory.mktemp("model") / "shapes.topwork")


@pytest.fixture(scope="module")
def exported(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exported") / "shapes"
    tw.export_model(model, "onnx", out)
    return out


def test_the_exported_model_predicts_as_topwork_does(model, exported, drawn, tmp_path) -> None:
    files = [str(file) for file in sorted(drawn.glob("*/*.png"))]
    tall, clear = tmp_path / "tall.png", tmp_path / "clear.png"
    Image.open(files[0]).resize((500, 1900)).save(tall)
    transparent = Image.open(files[1]).convert("RGBA")
    transparent.putalpha(90)
    transparent.save(clear)
    files += [str(tall), str(clear)]
    script = tmp_path / "use.py"
    script.write_text(
        "import json, sys, numpy as np\n"
        "from pathlib import Path\n"
        "from PIL import Image\n"
        "from preprocess import prepared\n"
        "from runtime import opened\n"
        "folder = Path(sys.argv[1])\n"
        "told = json.loads((folder / 'preprocess.json').read_text())\n"
        "rows = [prepared(Image.open(file), told) for file in sys.argv[2:]]\n"
        "print(json.dumps(opened(folder / 'model.onnx')(np.stack(rows))['probabilities'].tolist()))"
    )
    ran = without_topwork(exported, str(script), str(exported), *files)
    assert ran.returncode == 0, ran.stderr
    expected = tw.load(model).predict_proba(files)
    np.testing.assert_allclose(json.loads(ran.stdout), expected, atol=1e-5)


def test_what_the_folder_says(model, exported, drawn) -> None:
    assert {file.name for file in exported.iterdir() if file.is_file()} == {
        "README.md", "golden.npz", "model.onnx", "parity.json", "preprocess.json", "preprocess.py",
        "runtime.py", "vectors.safetensors", "verify.py",
    }  # fmt: skip
    assert len((exported / "verify.py").read_text().splitlines()) <= 40
    parity = json.loads((exported / "parity.json").read_text())
    assert parity["model"] == tw.load(model).identity
    assert parity["n"] == 16 + 36
    assert parity["max_probability_difference"] <= 1e-4
    assert set(parity["outputs"]) == {"probabilities", "logits", "features"}
    told = json.loads((exported / "preprocess.json").read_text())
    assert told["labels"] == ["discs", "noise", "stripes"]
    assert set(told["outputs"]) == set(parity["outputs"])
    assert (exported / "README.md").read_text().startswith("# A topwork model in ONNX\n")


def test_a_changed_file_is_told(exported, tmp_path) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(exported, folder)
    with (folder / "model.onnx").open("ab") as file:
        file.write(b" ")
    ran = without_topwork(folder, str(folder / "verify.py"))
    assert ran.returncode == 1
    assert "model.onnx is not the file that was exported." in ran.stderr


def test_another_answer_is_told(exported, tmp_path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = tmp_path / "changed"
    shutil.copytree(exported, folder)
    vectors = load_file(folder / "vectors.safetensors")
    vectors["logits"] = vectors["logits"] + 0.001 * np.ptp(vectors["logits"])
    save_file(vectors, folder / "vectors.safetensors")
    ran = without_topwork(folder, str(folder / "verify.py"))
    assert ran.returncode == 1
    assert "more than was allowed" in ran.stderr


def test_an_export_takes_the_place_of_an_earlier_one_only(model, tmp_path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    with pytest.raises(ParameterError, match="was not written by topwork export"):
        tw.export_model(model, "onnx", out)
    shutil.rmtree(out)
    for _ in range(2):
        tw.export_model(model, "onnx", out)
    with pytest.raises(ParameterError, match="there is no folder"):
        tw.export_model(model, "onnx", tmp_path / "nowhere" / "out")


def test_a_model_lies_beside_its_export(model, tmp_path) -> None:
    shutil.copytree(model, tmp_path / "own.topwork")
    result = tw.export_model(tmp_path / "own.topwork", "openvino")
    assert result.file == str(tmp_path / "own-openvino" / "model.xml")
    with pytest.raises(ParameterError, match="has no place"):
        tw.export_model(tw.load(model))


def test_what_has_no_graph(drawn, model, session_cache, tmp_path, monkeypatch) -> None:
    import topwork.deployment.export.exporting as exporting

    rows = [{"a": i % 7, "b": (i * 3) % 5, "label": "xy"[i % 2]} for i in range(60)]
    table = tmp_path / "rows.csv"
    table.write_text("a,b,label\n" + "\n".join(f"{r['a']},{r['b']},{r['label']}" for r in rows))
    rows_model = tw.TableClassifier().fit(table).model_
    with pytest.raises(ParameterError, match="columns of a table"):
        tw.export_model(rows_model, "onnx", tmp_path / "out")
    unfaithful = tw.load(model)
    card = unfaithful.card.model_copy(update={"faithful": False})
    unfaithful.parts = replace(unfaithful.parts, card=card)
    with pytest.raises(BackboneError, match="PyTorch runs it"):
        tw.export_model(unfaithful, "onnx", tmp_path / "out")
    with pytest.raises(ParameterError, match="no format called 'tflite'"):
        tw.export_model(model, "tflite", tmp_path / "out")
    monkeypatch.setattr("topwork.installation.missing", lambda packages: ("onnx",))
    with pytest.raises(BackboneError, match="needs onnx, which is not installed"):
        exporting.export_model(model, "onnx", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command(model, drawn, tmp_path, capsys) -> None:
    from topwork.cli.app import run

    out = tmp_path / "out"
    arguments = ["export", str(model), "--to", "onnx", "-o", str(out)]
    assert run([*arguments, "--images", str(drawn / "discs"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["file"] == str(out / "model.onnx")
    assert (printed["target"], printed["n"], printed["verified"]) == ("onnx", 28, True)
    assert printed["runtime"].startswith("onnxruntime ")
    assert run(arguments) == 0
    assert "52 inputs (36 yours)" in capsys.readouterr().out
    assert run([*arguments[:3], "tflite", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "bad_parameter"


def test_torch_is_not_imported(model, tmp_path) -> None:
    code = (
        "import sys, topwork as tw; tw.export_model(sys.argv[1], 'onnx', sys.argv[2]); "
        "sys.exit('torch' in sys.modules)"
    )
    arguments = [sys.executable, "-c", code, str(model), str(tmp_path / "out")]
    assert subprocess.run(arguments, check=False).returncode == 0
