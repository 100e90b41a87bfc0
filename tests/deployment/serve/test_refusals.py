"""What is refused, before anything of it is decoded."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.deployment.serve.serving import Reply, Server, form_of, serving

pytestmark = pytest.mark.usefixtures("socket_enabled")

MB = 1_000_000
TOKEN = "s3cret-of-sixteen-letters-or-more"


def _send(port: int, data: bytes, *, seconds: float = 10) -> bytes:
    """Everything that comes back for some bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(data)
        found = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                found += chunk
        return found


def _bomb(side: int = 30_000) -> bytes:
    """A PNG whose header promises more than is ever decoded."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example:80", "", "localhost@evil", "[::1", "a b", "1.2.3.4"],
)
def test_another_name_is_refused(server: Server, picture: bytes, host: str) -> None:
    reply = server.ask("/v1/predict", picture, Host=host)
    assert (reply.status, reply.code) == (403, "wrong_host")
    assert server.ask("/", Host=host).status == 403


def test_own_names_are_taken(server: Server) -> None:
    for host in ("localhost", f"LOCALHOST:{server.port}", "127.0.0.1:9", "[::1]:80"):
        assert server.ask("/v1/models", Host=host).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_are_refused(
    server: Server, picture: bytes, headers: dict[str, str]
) -> None:
    reply = server.ask("/v1/predict", picture, **headers)
    assert (reply.status, reply.code) == (403, "wrong_origin")
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_its_own_page_may_ask(server: Server, picture: bytes) -> None:
    own = f"http://127.0.0.1:{server.port}"
    assert server.ask("/v1/predict", picture, Origin=own).status == 200


def test_every_response_says_that_it_is_no_page(server: Server) -> None:
    for reply in (server.ask("/v1/models"), server.ask("/nothing"), server.ask("/", Host="evil")):
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert "server" not in {name.lower() for name in reply.headers}


def test_bodies_of_too_many_bytes_are_refused_with_flat_memory(
    server: Server, picture: bytes
) -> None:
    assert server.ask("/v1/predict", picture).status == 200
    before, most = server.rss, 0

    def endless() -> Iterator[bytes]:
        nonlocal most
        chunk = b"\xff\xd8\xff" + bytes(MB - 3)
        for n in range(100):
            if n % 10 == 0:
                most = max(most, server.rss)
            yield chunk

    reply = _chunked(server, endless())
    assert (reply.status, reply.code) == (411, "length_required")
    declared = server.ask("/v1/predict", b"x", Content_Length=str(100 * MB))
    assert (declared.status, declared.code) == (413, "too_large")
    assert most - before < 5 * MB
    assert server.rss - before < 5 * MB
    assert server.ask("/v1/predict", picture).status == 200


def test_small_bodies_may_come_without_their_length(server: Server, picture: bytes) -> None:
    halves = iter([picture[:50], picture[50:]])
    assert _chunked(server, halves).status == 200


def _chunked(server: Server, chunks: Iterator[bytes]) -> Reply:
    """The answer, however early it comes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(
            b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        try:
            for chunk in chunks:
                connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            connection.sendall(b"0\r\n\r\n")
        except OSError:
            pass
        found = b""
        try:
            while part := connection.recv(65536):
                found += part
        except OSError:
            pass
    head, _, body = found.partition(b"\r\n\r\n")
    return Reply(int(head.split()[1]), body)


HOSTILE = {
    "bomb": (_bomb(), "", 413, "too_many_pixels"),
    "gzip": (b"\x1f\x8b" + bytes(99), "", 422, "nothing_readable"),
    "page": (b"<html><script>alert(1)</script>", "", 422, "nothing_readable"),
    "dicom": (bytes(128) + b"DICM" + bytes(99), "", 422, "unsupported_format"),
    "empty": (b"", "", 422, "empty"),
    "cut": (b"\x89PNG\r\n\x1a\n" + bytes(12), "", 422, "nothing_readable"),
    "no form": (b"abc", "multipart/form-data; boundary=xyz", 400, "bad_multipart"),
    "no boundary": (b"abc", "multipart/form-data", 400, "bad_multipart"),
    "long boundary": (b"abc", "multipart/form-data; boundary=" + "x" * 5000, 400, "bad_multipart"),
    "parts": (*form_of({f"{n}.png": b"x" for n in range(10_000)}), 413, "too_many_items"),
    "part header": (*form_of({"x" * 100_000: b"x"}), 400, "bad_multipart"),
    "open form": (form_of({"a.png": b"x"})[0][:-9], form_of({})[1], 400, "bad_multipart"),
    "bad type": (b"abc", "multipart", 422, "nothing_readable"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_have_their_outcome(server: Server, name: str) -> None:
    body, kind, status, code = HOSTILE[name]
    begun = time.monotonic()
    reply = server.ask("/v1/predict", body, **({"Content_Type": kind} if kind else {}))
    assert (reply.status, reply.code) == (status, code)
    assert time.monotonic() - begun < 2
    assert "Traceback" not in "".join(server.told)


def test_large_images_are_told_by_their_header(server: Server) -> None:
    stream = io.BytesIO()
    Image.new("L", (7100, 7100)).save(stream, "PNG")
    assert server.ask("/v1/predict", stream.getvalue()).code == "too_many_pixels"


def test_compressed_bodies_are_refused(server: Server, picture: bytes) -> None:
    reply = server.ask("/v1/predict", zlib.compress(picture), Content_Encoding="deflate")
    assert (reply.status, reply.code) == (415, "compressed")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/models/..%2f..%2fetc", 404),
        ("/v1/models/%00", 404),
        ("/v1/models/" + "x" * 3000, 404),
        ("/v1/models/shapes/../../x", 404),
        ("/docs", 404),
        ("/v1/predict", 405),
        ("/static/../../../etc/passwd", 404),
    ],
)
def test_other_addresses_lead_nowhere(server: Server, path: str, status: int) -> None:
    reply = server.ask(path)
    assert reply.status == status
    assert set(reply.json["error"]) == {"code", "message", "remedy"}


TRAVERSALS = [
    up * depth + end
    for up in ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "..%c0%af", "..%252f", "....//")
    for depth in (1, 3, 8)
    for end in ("etc/passwd", "shapes.topwork/model.json")
] + [
    "%00", "shapes%00.json", "CON", "nul", "C:%5cwindows", "/etc/passwd", "%2fetc%2fpasswd",
    "shapes%0d%0aX-Evil:1", "~root", "${HOME}", "%{x}", "shapes;id", "shapes|id", "*", "?", "#",
]  # fmt: skip


@pytest.mark.parametrize(
    "template", ["/{}", "/v1/models/{}", "/v1/models/{}/predict", "/v1/models/{}/heat",
                 "/v2/models/{}", "/v2/models/{}/infer", "/v2/models/shapes/versions/{}"],
)  # fmt: skip
def test_no_name_leads_out(server: Server, picture: bytes, template: str) -> None:
    posted = template.endswith(("predict", "heat", "infer"))
    for name in TRAVERSALS:
        path = template.format(name)
        reply = server.ask(path, picture) if posted else server.ask(path)
        assert 400 <= reply.status < 500 or name in {"?", "#"}, path  # which ends the path
        assert b"root:" not in reply.body, path
        assert "X-Evil" not in reply.headers, path
    assert server.ask("/healthz").status == 200


@pytest.mark.parametrize("top", ["0", "-1", "x", "1e9", "99999999999999999999"])
def test_numbers_out_of_range_are_refused(server: Server, picture: bytes, top: str) -> None:
    assert server.ask(f"/v1/predict?top={top}", picture).code == "bad_parameter"


@pytest.mark.parametrize(
    "data",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n",
        b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        b"Content-Length: 6\r\n\r\nabcdef",
    ],
)
def test_broken_requests_get_400(server: Server, data: bytes) -> None:
    assert _send(server.port, data).split(b" ")[1] == b"400"


def test_large_headers_are_refused(server: Server) -> None:
    reply = server.ask("/v1/models", X="x" * 20_000)
    assert (reply.status, reply.code) == (431, "large_headers")
    assert _send(server.port, b"GET / HTTP/1.1\r\nX: " + b"x" * 300_000).split(b" ")[1] == b"400"


def test_slow_senders_are_cut_off_and_others_go_on(server: Server, picture: bytes) -> None:
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(100)]
    try:
        for connection in slow:
            connection.sendall(b"POST /v1/predict HTTP/1.1\r\nHost: localh")
        took = []
        for _ in range(20):
            begun = time.monotonic()
            assert server.ask("/v1/predict", picture).status == 200
            took.append(time.monotonic() - begun)
        assert sorted(took)[10] < 0.5
        begun = time.monotonic()
        for connection in slow:
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(100) == b""
        assert time.monotonic() - begun < 7
    finally:
        for connection in slow:
            connection.close()


def test_only_so_many_connections_are_open(server: Server, picture: bytes) -> None:
    many = [socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(300)]
    try:
        time.sleep(0.3)
        closed = 0
        for connection in many:
            connection.setblocking(False)
            try:
                closed += connection.recv(1) == b""
            except BlockingIOError:
                pass
            except ConnectionResetError:
                closed += 1
        assert closed >= 300 - 256
    finally:
        for connection in many:
            connection.close()
    assert server.ask("/v1/predict", picture).status == 200


def test_a_token_is_asked_for_wherever_models_are_shown(
    served_model: Path, picture: bytes, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    with serving(
        served_model, "--host", "0.0.0.0", "--token-file", tmp_path / "token",
        "--allow-host", "models.example", "--allow-origin", "https://app.example",
    ) as server:  # fmt: skip
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        for path in ("/v1/models", "/metrics", "/openapi.json", "/v1/models/shapes"):
            for wrong in ({}, {"Authorization": "Bearer x"}, {"Authorization": TOKEN}):
                reply = server.ask(path, **wrong)
                assert (reply.status, reply.code) == (401, "wrong_token")
            assert server.ask(path, **bearer).status == 200
        assert server.ask("/v1/predict", picture).status == 401
        assert server.ask("/v1/predict", picture, **bearer).status == 200
        for path in ("/", "/healthz", "/readyz"):
            assert server.ask(path).status == 200
        assert server.ask("/healthz", Host="10.1.2.3:8000").status == 200
        assert server.ask("/healthz", Host="models.example").status == 200
        assert server.ask("/healthz", Host="evil.example").status == 403
        asked = server.ask("/v1/predict", method="OPTIONS", Origin="https://app.example")
        assert asked.status == 204
        allowed = server.ask("/v1/predict", picture, Origin="https://app.example", **bearer)
        assert allowed.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert allowed.status == 200


def test_other_machines_need_a_token(served_model: Path, tmp_path: Path) -> None:
    (tmp_path / "short").write_text("short")
    for options, code in (
        (("--host", "0.0.0.0"), "token_needed"),
        (("--host", "192.0.2.1"), "token_needed"),
        (("--token-file", tmp_path / "short"), "bad_token"),
        (("--token-file", tmp_path / "none"), "no_access"),
        (("--host", "192.0.2.1", "--token-file", Path(__file__)), "bad_token"),
    ):
        with serving(served_model, *options, "--json", ready=False) as server:
            out, _ = server.process.communicate(timeout=60)
            assert server.process.returncode == 2
            assert json.loads(out)["error"]["code"] == code


def test_nothing_is_written(server: Server, served_model: Path, picture: bytes) -> None:
    before = {file: file.stat().st_mtime_ns for file in served_model.parent.rglob("*")}
    before_asking = len(_open_files(server))
    threads = [threading.Thread(target=server.ask, args=("/v1/predict", picture)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {file: file.stat().st_mtime_ns for file in served_model.parent.rglob("*")} == before
    until = time.monotonic() + 10
    while len(_open_files(server)) > before_asking + 2:
        assert time.monotonic() < until
        time.sleep(0.05)


def _open_files(server: Server) -> list[Path]:
    return list(Path(f"/proc/{server.process.pid}/fd").iterdir())
