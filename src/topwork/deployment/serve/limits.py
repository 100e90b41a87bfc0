"""How much of everything is taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of requests and of what waits.

    Parameters
    ----------
    body
        Bytes of a request's body.
    undeclared
        Bytes of a body without a ``Content-Length``, such as one that is sent in chunks: what is
        too large is known only when so much of it is held.
    all_bodies
        Bytes of all bodies that are being received or predicted.
    items
        Images or texts per request.
    pixels
        Of an image, by its header.
    waiting
        Items that wait for their prediction; more are refused with 503.
    few, batch
        Items of a batch: the second where so many wait, otherwise the first.
    batch_seconds
        How long a batch waits for more items where requests come side by side.
    deadline
        Seconds within which an item is predicted; one that waits for too long for that is refused
        with 503, and one that is decoded for so long is rejected.
    header_seconds, body_seconds
        How long a client may take to send these.
    drain_seconds
        How long requests may take that are in progress when the server ends.
    connections
        Open at a time; further ones are closed.
    """

    body: int = 20_000_000
    undeclared: int = 2_000_000
    all_bodies: int = 128_000_000
    items: int = 16
    pixels: int = 50_000_000
    waiting: int = 64
    few: int = 4
    batch: int = 16
    batch_seconds: float = 0.003
    deadline: float = 2.0
    header_seconds: float = 5.0
    body_seconds: float = 15.0
    drain_seconds: float = 10.0
    connections: int = 256
