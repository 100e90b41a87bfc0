"""An RTSP camera in pure Python: DESCRIBE, SETUP and PLAY, H.264 in RTP over the same connection.

RFC 2326 (RTSP), RFC 2617 (Digest), RFC 3550 (RTP) and RFC 6184 (H.264 in RTP).
"""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property

from tests.deployment.live.videos import Pixels, moving

USER, PASSWORD, REALM = "me", "secret", "camera"
_CLOCK = 90_000
_LONGEST = 1400
_START = re.compile(rb"\x00\x00\x00?\x01")


@dataclass(eq=False)
class RtspCamera:
    """Plays its images for ever to whoever asks, and can be told to die.

    ``asked`` names the methods that clients used, in order.
    """

    images: list[Pixels] = field(default_factory=lambda: moving(25))
    rate: float = 25.0
    port: int = 0
    locked: bool = False
    asked: list[str] = field(default_factory=list)
    _socket: socket.socket | None = None
    _dead: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"rtsp://{USER}:{PASSWORD}@127.0.0.1:{self.port}/live"

    def start(self) -> None:
        """Listen; again at the same port."""
        self._dead = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._socket, self._dead), daemon=True).start()

    def die(self) -> None:
        """Cut every connection and listen no more."""
        self._dead.set()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()

    def _accept(self, listening: socket.socket, dead: threading.Event) -> None:
        while not dead.is_set():
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=_Session(self, client, dead).run, daemon=True).start()

    @cached_property
    def units(self) -> list[list[bytes]]:
        """The NAL units of each image, encoded once."""
        import av

        codec = av.CodecContext.create("libx264", "w")
        codec.height, codec.width = self.images[0].shape[:2]
        codec.pix_fmt, codec.framerate = "yuv420p", round(self.rate)
        codec.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "5"}
        frames = [av.VideoFrame.from_ndarray(image, format="rgb24") for image in self.images]
        packets = [packet for frame in [*frames, None] for packet in codec.encode(frame)]
        return [[unit for unit in _START.split(bytes(one)) if unit] for one in packets]


@dataclass(eq=False)
class _Session:
    camera: RtspCamera
    client: socket.socket
    dead: threading.Event
    sending: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        with suppress(OSError), self.client, self.client.makefile("rb") as lines:
            threading.Thread(target=self._end_when_dead, daemon=True).start()
            while (request := _request(lines)) is not None:
                self._answer(*request)

    def _end_when_dead(self) -> None:
        self.dead.wait()
        with suppress(OSError):
            self.client.shutdown(socket.SHUT_RDWR)

    def _answer(self, method: str, url: str, headers: dict[str, str]) -> None:
        self.camera.asked.append(method)
        said, body, status = {"CSeq": headers["cseq"]}, "", "200 OK"
        if method == "OPTIONS":
            said["Public"] = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"
        elif self.camera.locked and not _allowed(method, headers.get("authorization", "")):
            status = "401 Unauthorized"
            said["WWW-Authenticate"] = f'Digest realm="{REALM}", nonce="5ca1ab1e"'
        elif method == "DESCRIBE":
            body = self._description()
            said |= {"Content-Base": f"{url}/", "Content-Type": "application/sdp"}
        elif method == "SETUP" and "interleaved" not in headers["transport"]:
            status = "461 Unsupported Transport"
        elif method == "SETUP":
            said |= {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1", "Session": "7;timeout=60"}
        elif method == "PLAY":
            said |= {"Session": "7", "Range": "npt=0.000-"}
        elif method not in ("TEARDOWN", "GET_PARAMETER"):
            status = "501 Not Implemented"
        said["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        with self.sending:
            self.client.sendall(f"RTSP/1.0 {status}\r\n{head}\r\n{body}".encode())
        if method == "PLAY" and status.startswith("200"):
            threading.Thread(target=self._play, daemon=True).start()

    def _description(self) -> str:
        parameters = [u for u in self.camera.units[0] if u[0] & 31 in (7, 8)]
        sets = ",".join(base64.b64encode(one).decode() for one in parameters)
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\na=control:*\r\n"
            "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
            f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={sets}\r\n"
            "a=control:track1\r\n"
        )

    def _play(self) -> None:
        begun, sequence, n = time.monotonic(), 0, 0
        units = self.camera.units
        with suppress(OSError):
            while not self.dead.is_set():
                stamp = round(n / self.camera.rate * _CLOCK) % 2**32
                payloads = [p for unit in units[n % len(units)] for p in _payloads(unit)]
                for i, payload in enumerate(payloads):
                    last = 0x80 if i == len(payloads) - 1 else 0
                    head = struct.pack(">BBHII", 0x80, 96 | last, sequence % 2**16, stamp, 1234)
                    packet = head + payload
                    with self.sending:
                        self.client.sendall(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                    sequence += 1
                n += 1
                self.dead.wait(max(0.0, begun + n / self.camera.rate - time.monotonic()))


def _request(lines) -> tuple[str, str, dict[str, str]] | None:
    """The next request; what the client sends of RTCP in between is left out."""
    while (first := lines.read(1)) == b"$":
        _, length = struct.unpack(">BH", lines.read(3))
        lines.read(length)
    line = (first + lines.readline()).decode().split()
    if len(line) < 3:
        return None
    headers = {}
    while text := lines.readline().decode().strip():
        name, _, value = text.partition(":")
        headers[name.strip().lower()] = value.strip()
    lines.read(int(headers.get("content-length", 0)))
    return line[0], line[1], headers


def _payloads(unit: bytes) -> Iterator[bytes]:
    """A NAL unit as one payload, or in fragments (FU-A)."""
    if len(unit) <= _LONGEST:
        yield unit
        return
    indicator, kind, body = unit[0] & 0xE0 | 28, unit[0] & 31, unit[1:]
    for start in range(0, len(body), _LONGEST):
        piece = body[start : start + _LONGEST]
        edge = (0x80 if start == 0 else 0) | (0x40 if start + _LONGEST >= len(body) else 0)
        yield bytes([indicator, edge | kind]) + piece


def _allowed(method: str, authorization: str) -> bool:
    """Whether somebody knows the password."""
    given = dict(re.findall(r'(\w+)="([^"]*)"', authorization))
    if not given:
        return False
    first, second = (
        hashlib.md5(text.encode()).hexdigest()
        for text in (f"{USER}:{REALM}:{PASSWORD}", f"{method}:{given['uri']}")
    )
    expected = hashlib.md5(f"{first}:{given['nonce']}:{second}".encode()).hexdigest()
    return given["response"] == expected


@contextmanager
def rtsp_camera(**how) -> Iterator[RtspCamera]:
    """A camera that is on."""
    made = RtspCamera(**how)
    made.start()
    try:
        yield made
    finally:
        made.die()
