"""``tw.connect`` predicts as the saved model does, and waits where a server asks it to."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from tests.deployment.serve.serving import Server, serving
from topwork.errors import BadItemsError, DataError, ParameterError

pytestmark = pytest.mark.usefixtures("socket_enabled")


def test_it_predicts_as_the_saved_model(server: Server, served_model: Path, drawn: Path) -> None:
    files = sorted(drawn.rglob("*.png"))
    model = tw.load(served_model)
    with tw.connect(f"http://127.0.0.1:{server.port}") as remote:
        assert remote.classes_.tolist() == [str(label) for label in model.labels]
        assert "95 % confidence interval" in remote.worth
        assert remote.predict(files).tolist() == model.predict(files).tolist()
        assert np.allclose(remote.predict_proba(files), model.predict_proba(files), atol=1e-5)
        pixels = np.asarray(Image.open(files[0]))
        forms = [str(files[0]), files[0], files[0].read_bytes(), pixels, Image.open(files[0])]
        assert len(set(remote.predict(forms).tolist())) == 1
        (one,) = remote.predictions(files[:1], top=1)
        assert one is not None
        assert len(one["top"]) == 1


def test_bad_items_are_named_or_none(server: Server, picture: bytes) -> None:
    with tw.connect(f"127.0.0.1:{server.port}", model="shapes") as remote:
        with pytest.raises(BadItemsError, match=r"1 of 2 .* item 1 \(not_an_image\)"):
            remote.predict([picture, b"nothing"])
        found = remote.predict([picture, b"nothing"], bad="none")
        assert found[1] is None
        assert found[0] is not None
        assert np.isnan(remote.predict_proba([b"nothing"], bad="none")).all()
        with pytest.raises(ParameterError, match="can't be sent"):
            remote.predict([np.zeros((4, 4, 3))])
        with pytest.raises(ParameterError, match="can't be int"):
            remote.predict([5])


def test_what_can_not_be_asked_is_said(server: Server, served_model: Path, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{server.port}"
    with pytest.raises(ParameterError, match="serves shapes, not other"):
        tw.connect(address, model="other")
    for wrong in ("http://127.0.0.1:9", "ftp://127.0.0.1", "http://", ""):
        with pytest.raises(ParameterError) as refused:
            tw.connect(wrong)
        assert refused.value.remedy
    (tmp_path / "token").write_text("a-token-of-16-or-more")
    with serving(served_model, "--token-file", tmp_path / "token") as other:
        with pytest.raises(ParameterError, match="lacks the token"):
            tw.connect(f"http://127.0.0.1:{other.port}")
        tw.connect(f"http://127.0.0.1:{other.port}", token="a-token-of-16-or-more").close()


@contextmanager
def _scripted(statuses: list[int]) -> Iterator[tuple[int, list[str]]]:
    """A server that answers with these statuses, one after the other."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            status = statuses[min(len(asked), len(statuses)) - 1]
            error = {"code": "overloaded", "message": "Too much.", "remedy": "Wait."}
            one = {"name": "m", "task": "number", "modality": "image", "inline": False,
                   "worth": "", "labels": []}  # fmt: skip
            body = json.dumps({"models": [one]} if status == 200 else {"error": error}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_port, asked
        server.shutdown()
        thread.join()


def test_it_asks_again_where_there_is_too_much_to_do() -> None:
    with _scripted([503, 503, 200]) as (port, asked):
        remote = tw.connect(f"http://127.0.0.1:{port}")
        assert remote.task == "number"
        remote.close()
        assert len(asked) == 3
        with pytest.raises(ParameterError, match="no probability"):
            remote.predict_proba([b"x"])


def test_it_gives_up_in_the_end() -> None:
    with (
        _scripted([503]) as (port, asked),
        pytest.raises(DataError, match="Too much"),
    ):
        tw.connect(f"http://127.0.0.1:{port}", tries=3)
    assert len(asked) == 3
