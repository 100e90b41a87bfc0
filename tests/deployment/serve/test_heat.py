"""Where in an image an answer comes from."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.deployment.serve.serving import Server, form_of, serving
from topwork.cli.app import run

pytestmark = pytest.mark.usefixtures("socket_enabled")

SIDE = 96
SQUARE = slice(56, 88)
"""Rows and columns of the only thing that tells the two classes apart."""


def _image(rng: np.random.Generator, kind: str) -> bytes:
    pixels = rng.integers(90, 120, (SIDE, SIDE, 3)).astype(np.uint8)
    if kind == "marked":
        pixels[SQUARE, SQUARE] = (240, 30, 30)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture(scope="module")
def marked(session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place, rng = tmp_path_factory.mktemp("marked"), np.random.default_rng(0)
    for kind in ("marked", "plain"):
        (place / "images" / kind).mkdir(parents=True)
        for n in range(20):
            (place / "images" / kind / f"{n}.png").write_bytes(_image(rng, kind))
    options = ("--backbone", "packaged:efficientnet_lite0/96", "--quiet", "--no-baselines")
    target = place / "marked.topwork"
    assert run(["fit", str(place / "images"), "--out", str(target), *options]) == 0
    with serving(target) as found:
        yield found


def test_the_answer_comes_from_what_tells_the_classes_apart(marked: Server) -> None:
    image = _image(np.random.default_rng(9), "marked")
    reply = marked.ask("/v1/models/marked/heat", image)
    assert reply.status == 200
    found = reply.json
    assert found["label"] == "marked"
    assert found["area"] == [0, 0, 1, 1]
    values = np.array(found["values"])
    row, column = np.unravel_index(values.argmax(), values.shape)
    middle = (np.array([row, column]) + 0.5) * SIDE / len(values)
    assert np.all((middle > SQUARE.start - 8) & (middle < SQUARE.stop + 8))
    assert values.max() == pytest.approx(found["full"], abs=1e-3)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "empty"),
        (b"no image", 422, "nothing_readable"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), 422, "nothing_readable"),
    ],
)
def test_what_is_no_image_is_refused(marked: Server, body: bytes, status: int, code: str) -> None:
    reply = marked.ask("/v1/models/marked/heat", body)
    assert (reply.status, reply.code) == (status, code)


def test_it_is_asked_for_one_image(marked: Server) -> None:
    image = _image(np.random.default_rng(9), "plain")
    body, kind = form_of({"a.png": image, "b.png": image})
    reply = marked.ask("/v1/models/marked/heat", body, Content_Type=kind)
    assert (reply.status, reply.code) == (413, "too_many_items")
    assert marked.ask("/v1/models/other/heat", image).code == "no_such_model"


def test_predictions_go_on_beside_it(marked: Server) -> None:
    image = _image(np.random.default_rng(9), "marked")
    before = marked.ask("/v1/predict", image).json["predictions"]
    assert marked.ask("/v1/models/marked/heat", image).status == 200
    assert marked.ask("/v1/predict", image).json["predictions"] == before
    assert marked.metric("topwork_waiting_items") == 0
