"""Live sources of the tests' own: a camera that sends MJPEG over HTTP and has every fault."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from PIL import Image

from tests.deployment.live.videos import Pixels, moving, write_video

BOUNDARY = "frame"


def free_port() -> int:
    """A port that nothing listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(eq=False)
class Camera:
    """Sends images for ever, and can be told to stall, to send rubbish, and to die."""

    images: list[Pixels] = field(default_factory=lambda: moving(40))
    rate: float = 25.0
    port: int = 0
    status: int = 200
    stalled: threading.Event = field(default_factory=threading.Event)
    rubbish: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer | None = None
    _dead: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://me:secret@127.0.0.1:{self.port}/video"

    def start(self) -> None:
        """Listen; again at the same port."""
        self._dead = threading.Event()
        self._server = _Server(("127.0.0.1", self.port), partial(_Handler, self))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def die(self) -> None:
        """Cut every connection and listen no more."""
        self._dead.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def parts(self) -> Iterator[bytes]:
        encoded = [_jpeg(image) for image in self.images]
        begun, n, dead = time.monotonic(), 0, self._dead
        while not dead.is_set():
            if self.stalled.is_set():
                time.sleep(0.02)
                continue
            data = encoded[n % len(encoded)]
            n += 1
            if self.rubbish.is_set():
                data = np.random.default_rng(n).bytes(len(data))
            head = (
                f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            )
            yield head.encode() + data + b"\r\n"
            wait = begun + n / self.rate - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            else:
                begun = time.monotonic() - n / self.rate  # after a stall it doesn't hurry


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address) -> None:
        """Who watches may go at any time."""


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, camera: Camera, *arguments) -> None:
        self._camera = camera
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self.send_response(self._camera.status)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self.end_headers()
        if self._camera.status != 200:
            return
        try:
            for part in self._camera.parts():
                self.wfile.write(part)
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_) -> None:
        """Nothing on the screen."""


@contextmanager
def camera(**how) -> Iterator[Camera]:
    """A camera that is on."""
    made = Camera(**how)
    made.start()
    try:
        yield made
    finally:
        made.die()


def _jpeg(image: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def publish(url: str, n: int, *, format: str, rate: float = 25.0) -> None:  # noqa: A002
    """Send n images to somebody who listens, by the clock."""

    def paced() -> Iterator[Pixels]:
        begun = time.monotonic()
        for i, image in enumerate(moving(n)):
            time.sleep(max(0.0, begun + i / rate - time.monotonic()))
            yield image

    options = {"rtsp_transport": "tcp"} if format == "rtsp" else {}
    write_video(Path(url) if "://" not in url else url, paced(), format=format, options=options)
