"""Decoders that hang or die harm one image, and not the server."""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from tests.deployment.serve.serving import Server, form_of, serving
from topwork.data import Item
from topwork.data.appearance import Appearance
from topwork.data.images.modality import ImageModality
from topwork.data.preprocessing.framing import Framing
from topwork.deployment.serve.decoding.decoders import Decoders, NoDecoder
from topwork.deployment.serve.decoding.isolated_modality import IsolatedModality
from topwork.deployment.serve.refused import Refused
from topwork.errors import BadItem

DEADLINE = 1.0


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    found = Decoders(DEADLINE, n=1, replaced=lambda: None)
    yield found
    found.close()


@pytest.fixture
def isolated(decoders: Decoders) -> IsolatedModality:
    wait_for(decoders, 1)
    return IsolatedModality(ImageModality(), decoders)


def wait_for(decoders: Decoders, n: int) -> None:
    """A process that is being started is listed when it can be used."""
    until = time.monotonic() + 30
    while len(decoders.pids) < n:
        assert time.monotonic() < until
        time.sleep(0.01)


def _encoded(values: np.ndarray, kind: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(values).save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "TIFF", "BMP"])
@pytest.mark.parametrize(
    "framing", [Framing(32, 48), Framing(20, 20, geometry="pad", window=(0.1, 0.2, 0.9, 1.3))]
)
def test_pixels_are_the_same(isolated: IsolatedModality, kind: str, framing: Framing) -> None:
    image = np.random.default_rng(0).integers(0, 256, (90, 61, 3), dtype=np.uint8)
    content = isolated.read(Item("one", value=_encoded(image, kind)))
    expected = ImageModality().decode(content, framing)
    assert np.array_equal(isolated.decode(content, framing), expected)


def test_what_was_decided_for_a_data_set_holds(decoders: Decoders) -> None:
    wait_for(decoders, 1)
    inner = ImageModality(Appearance(levels=(100.0, 3000.0)))
    deep = np.random.default_rng(1).integers(0, 4000, (30, 30), dtype=np.uint16)
    content = inner.read(Item("deep", value=_encoded(deep, "PNG")))
    framing = Framing(16, 16)
    found = IsolatedModality(inner, decoders).decode(content, framing)
    assert np.array_equal(found, inner.decode(content, framing))
    assert not np.array_equal(found, ImageModality().decode(content, framing))


def test_why_an_image_is_bad_is_the_same(isolated: IsolatedModality) -> None:
    image = np.random.default_rng(0).integers(0, 256, (90, 61, 3), dtype=np.uint8)
    for data in (_encoded(image, "PNG")[:900], _encoded(image, "JPEG")[:900], b"no image"):
        content = isolated.read(Item("one", value=data))
        said = []
        for kind in (ImageModality(), isolated):
            with pytest.raises(BadItem) as caught:
                kind.decode(content, Framing(8, 8))
            said.append((caught.value.reason, caught.value.detail))
        assert said[0] == said[1]


def test_one_that_hangs_is_killed_and_holds_a_batch_once(
    decoders: Decoders, isolated: IsolatedModality
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    content = isolated.read(Item("one", value=_encoded(image, "PNG")))
    (pid,) = decoders.pids
    os.kill(pid, signal.SIGSTOP)
    isolated.begin_batch()
    begun = time.monotonic()
    with pytest.raises(BadItem, match="too_costly: not decoded within 1 s"):
        isolated.decode(content, Framing(8, 8))
    assert DEADLINE <= time.monotonic() - begun < DEADLINE + 0.5
    with pytest.raises(Refused, match="more to do"):
        isolated.decode(content, Framing(8, 8))
    assert time.monotonic() - begun < DEADLINE + 0.6
    assert not psutil.pid_exists(pid)
    wait_for(decoders, 1)
    isolated.begin_batch()
    assert isolated.decode(content, Framing(8, 8)).shape == (8, 8, 3)


def test_one_that_was_killed_while_idle_is_replaced(
    decoders: Decoders, isolated: IsolatedModality
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    content = isolated.read(Item("one", value=_encoded(image, "PNG")))
    patient = Decoders(20.0, n=1, replaced=lambda: None)
    try:
        wait_for(patient, 1)
        os.kill(patient.pids[0], signal.SIGKILL)
        found = patient.decode(ImageModality(), content, Framing(8, 8), lambda: float("inf"))
        assert found.shape == (8, 8, 3)
        with pytest.raises(NoDecoder):
            patient.decode(ImageModality(), content, Framing(8, 8), lambda: 0.0)
    finally:
        patient.close()


@pytest.mark.usefixtures("socket_enabled")
def test_the_server_goes_on(served_model: Path, picture: bytes) -> None:
    with serving(served_model, "--deadline", DEADLINE) as server:
        server.ask("/v1/predict", picture)
        stopped = _decoders(server)
        assert stopped
        for process in stopped:
            process.suspend()
        begun = time.monotonic()
        reply = server.ask("/v1/predict", picture)
        assert time.monotonic() - begun < DEADLINE + 1.0
        assert reply.status == 422
        assert "not decoded within" in reply.json["error"]["message"]
        assert server.ask("/healthz").status == 200
        body, kind = form_of({f"{n}.png": picture for n in range(16)})
        _until_answered(server, picture)
        reply = server.ask("/v1/predict", body, Content_Type=kind)
        assert len(reply.json["predictions"]) == 16
        assert server.metric("topwork_decoders_replaced_total") >= 1
        present = _decoders(server)
        assert server.end() == 0
        _, alive = psutil.wait_procs([*stopped, *present], timeout=5)
        assert not alive


@pytest.mark.usefixtures("socket_enabled")
def test_decoders_end_with_a_server_that_is_killed(served_model: Path, picture: bytes) -> None:
    with serving(served_model) as server:
        server.ask("/v1/predict", picture)
        present = _decoders(server)
        assert present
        server.process.kill()
        _, alive = psutil.wait_procs(present, timeout=5)
        assert not alive


def _decoders(server: Server) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children(recursive=True)


def _until_answered(server: Server, picture: bytes) -> None:
    until = time.monotonic() + 20
    while server.ask("/v1/predict", picture).status != 200:
        assert time.monotonic() < until
