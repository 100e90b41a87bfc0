"""Models of every task in every format: they give there what they give in topwork."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import topwork as tw
from tests.deployment.export.models import MODELS, TEXTS
from tests.deployment.export.runtimes import without_topwork
from topwork.deployment.export.export_folder import ParityError
from topwork.deployment.export.exported_graph import OUTPUTS
from topwork.model.loading import MODELS as MODELS_OF_TASKS

TARGETS = ("onnx", "openvino")

_fitted: dict[str, Any] = {}


@pytest.fixture
def model(task: str, drawn: Path, session_cache: Path) -> Any:
    """Of the task, fitted once."""
    if task not in _fitted:
        _fitted[task] = MODELS[task](drawn)
    return _fitted[task]


@pytest.mark.parametrize("to", TARGETS)
@pytest.mark.parametrize("task", MODELS)
def test_every_task_in_every_format(model, task, to, tmp_path) -> None:
    result = tw.export_model(model, to, tmp_path / "out")
    assert result.verified
    assert result.max_difference <= 1e-4
    assert result.labels_flipped == 0
    assert result.n - result.n_items == 16
    assert result.n_items == (
        0 if task in ("texts", "words") else 12 if task == "one-class" else 36
    )
    for script in ("verify.py",) if to == "openvino" else ("verify.py", "preprocess.py"):
        ran = without_topwork(tmp_path / "out", str(tmp_path / "out" / script))
        assert ran.returncode == 0, ran.stderr


def test_every_model_with_a_network_has_outputs() -> None:
    assert set(OUTPUTS) == set(MODELS_OF_TASKS.values())


@pytest.mark.parametrize("to", TARGETS)
def test_a_detector(to, detector: Path, tmp_path) -> None:
    shown = [np.full((90, 120, 3), 200, np.uint8)]
    result = tw.export_model(detector, to, tmp_path / "out", items=shown)
    assert (result.n, result.n_items) == (17, 1)
    assert "leaves out boxes" in result.notes[0]
    assert without_topwork(tmp_path / "out", str(tmp_path / "out" / "verify.py")).returncode == 0


@pytest.mark.parametrize("task", ["texts"])
def test_the_exported_model_of_texts_predicts_as_topwork_does(model, task, tmp_path) -> None:
    tw.export_model(model, "onnx", tmp_path / "out")
    script = tmp_path / "use.py"
    script.write_text(
        "import json, sys\n"
        "from pathlib import Path\n"
        "from preprocess import prepared\n"
        "from runtime import opened\n"
        "folder = Path(sys.argv[1])\n"
        "told = json.loads((folder / 'preprocess.json').read_text())\n"
        "tokens = prepared(sys.argv[2:], told, folder)\n"
        "print(json.dumps(opened(folder / 'model.onnx')(tokens)['probabilities'].tolist()))"
    )
    ran = without_topwork(tmp_path / "out", str(script), str(tmp_path / "out"), *TEXTS[:5])
    assert ran.returncode == 0, ran.stderr
    expected = model.predict_proba(TEXTS[:5])
    np.testing.assert_allclose(json.loads(ran.stdout), expected, atol=1e-5)


def test_eight_bits_are_rounded_otherwise(drawn, session_cache, tmp_path) -> None:
    backbone = "efficientnet_lite0/64"
    fitted = tw.ImageClassifier(backbone, int8=True, n_folds=2, baselines=False).fit(drawn)
    if not fitted.model_.card.int8:
        pytest.fail("the fit did not take 8 bits, so that nothing is tested")
    with pytest.raises(ParityError, match="without --int8"):
        tw.export_model(fitted.model_, "onnx", tmp_path / "out")
