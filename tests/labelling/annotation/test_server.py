"""Who may ask the server for labelling what."""

from __future__ import annotations

import csv
import io
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.labelling.annotation.serving import ask, served
from tests.labelling.annotation.sittings import sitting_of
from topwork.errors import ParameterError
from topwork.labelling.served.page_file import label_page
from topwork.labelling.served.server import MAX_BODY, LabelServer

pytestmark = pytest.mark.usefixtures("socket_enabled")

ANSWER = {"answers": [{"id": 0, "value": "cat", "suggested": None, "seconds": 1.0}]}


@pytest.fixture
def server(drawn: Path, tmp_path: Path) -> Iterator[LabelServer]:
    with served(sitting_of(tmp_path, drawn, classes=["discs"])) as running:
        yield running


def _n_labels(server: LabelServer) -> int:
    file = server.sitting.file.file
    if not file.exists():
        return 0
    with file.open(encoding="utf-8", newline="") as stream:
        return len(list(csv.DictReader(stream)))


def test_an_answer_reaches_the_table(server: LabelServer) -> None:
    reply = ask(server.server_port, "/answer", ANSWER, token=server.token)
    assert reply.status == 200
    assert reply.json["n_labelled"] == 1
    assert reply.json["classes"] == ["discs", "cat"]
    assert _n_labels(server) == 1
    assert ask(server.server_port, "/undo", {}, token=server.token).json["n_labelled"] == 0
    added = ask(server.server_port, "/class", {"name": "new"}, token=server.token)
    assert "new" in added.json["classes"]


def test_only_who_knows_the_token_is_answered(server: LabelServer) -> None:
    port = server.server_port
    for token in (None, "", "wrong", server.token[:-1], "\u00e9".encode().decode("latin-1")):
        assert ask(port, "/answer", ANSWER, token=token).status == 403
        assert ask(port, "/state", token=token).status == 403
        assert ask(port, "/item?id=0", token=token).status == 403
        assert ask(port, "/", token=token).status == 403
    assert ask(port, f"/answer?token={server.token}", ANSWER).status == 403, "not by its address"
    assert _n_labels(server) == 0


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "https://{own}"],
)
def test_a_foreign_page_can_post_nothing(server: LabelServer, origin: str) -> None:
    own = f"127.0.0.1:{server.server_port}"
    reply = ask(
        server.server_port, "/answer", ANSWER, token=server.token, Origin=origin.format(own=own)
    )
    assert reply.status == 403
    assert _n_labels(server) == 0


def test_its_own_page_can(server: LabelServer) -> None:
    own = f"http://127.0.0.1:{server.server_port}"
    assert ask(server.server_port, "/answer", ANSWER, token=server.token, Origin=own).status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "evil.example:{port}", ""])
def test_another_name_for_this_address_is_refused(server: LabelServer, host: str) -> None:
    """DNS rebinding: the browser believes that it talks to the foreign page's own server."""
    port = server.server_port
    reply = ask(port, "/answer", ANSWER, token=server.token, Host=host.format(port=port))
    assert reply.status == 403
    assert _n_labels(server) == 0


def test_forms_of_other_pages_are_refused(server: LabelServer) -> None:
    """What a page may send without asking first is no JSON."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        reply = ask(server.server_port, "/answer", b"{}", token=server.token, Content_Type=kind)
        assert reply.status == 415


def test_bad_requests_get_a_reason(server: LabelServer) -> None:
    port, token = server.server_port, server.token
    assert ask(port, "/answer", b"{", token=token).status == 400
    assert ask(port, "/answer", b"[]", token=token).status == 400
    assert ask(port, "/answer", {"answers": 7}, token=token).status == 400
    assert ask(port, "/answer", b"[" * 100_000, token=token).status == 400
    large = str(MAX_BODY + 1)
    assert ask(port, "/answer", b"{}", token=token, Content_Length=large).status == 413
    assert ask(port, "/nothing", {}, token=token).status == 404
    assert ask(port, "/item?id=x", token=token).status == 400
    bad = ask(port, "/item?id=99999", token=token)
    assert bad.status == 400
    assert "99999" in bad.json["error"]["message"]
    assert ask(port, "/../../etc/passwd", token=token).status == 404
    assert ask(port, "/state", token=token, method="PUT").status == 501
    assert _n_labels(server) == 0


def test_images_are_upright_and_small(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    image = Image.new("RGB", (60, 30), "red")
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(folder / "turned.jpg", exif=exif)
    Image.new("RGB", (3000, 1500), "blue").save(folder / "wide.png")
    with served(sitting_of(tmp_path, folder)) as server:
        sizes = {}
        for shown in ask(server.server_port, "/state", token=server.token).json["next"]:
            path = f"/item?id={shown['id']}&size=224&token={server.token}"
            reply = ask(server.server_port, path)
            assert reply.headers["Content-Type"] == "image/jpeg"
            sizes[Path(shown["texts"][0]).name] = Image.open(io.BytesIO(reply.body)).size
        assert sizes == {"turned.jpg": (30, 60), "wide.png": (224, 112)}


def test_an_image_that_is_gone_is_no_crash(drawn: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for i, file in enumerate(sorted(drawn.rglob("*.png"))[:3]):
        (folder / f"{i}.png").write_bytes(file.read_bytes())
    with served(sitting_of(tmp_path, folder)) as server:
        (folder / "0.png").unlink()
        statuses = [
            ask(server.server_port, f"/item?id={i}", token=server.token).status for i in range(3)
        ]
        assert statuses == [422, 200, 200]


def test_every_answer_forbids_what_it_need_not_have(server: LabelServer) -> None:
    reply = ask(server.server_port, f"/?token={server.token}")
    assert reply.status == 200
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "Python" not in reply.headers["Server"]
    assert server.token.encode() not in reply.body


def test_it_listens_on_this_machine_alone(server: LabelServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    own = socket.gethostbyname(socket.gethostname())
    if own != "127.0.0.1" and not own.startswith("127."):
        with pytest.raises(OSError, match="refused"), socket.socket() as other:
            other.connect((own, server.server_port))


def test_a_port_that_is_taken_is_named(server: LabelServer, tmp_path: Path) -> None:
    page = label_page(title="x", inline=True, form="classes", out="labels.csv")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ParameterError, match=str(port)):
            LabelServer(server.sitting, page, port=port)


def test_silence_does_not_block_others(server: LabelServer) -> None:
    """Connections that say nothing hold a thread each, and nobody else."""
    silent = [socket.create_connection(("127.0.0.1", server.server_port)) for _ in range(20)]
    assert ask(server.server_port, "/answer", ANSWER, token=server.token).status == 200
    for connection in silent:
        connection.close()
