"""What a socket shows too late: clients that don't read, and failures of our own."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from topwork.deployment.serve.admission.access import Access
from topwork.deployment.serve.admission.gate import Gate
from topwork.deployment.serve.limits import Limits
from topwork.deployment.serve.metrics import Metrics

SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/x",
    "raw_path": b"/x",
    "headers": [(b"host", b"localhost")],
}


def _gate(app: Any, **limits: Any) -> tuple[Gate, Metrics]:
    metrics = Metrics(lambda: 0)
    gate = Gate(app, access=Access(), limits=Limits(**limits), metrics=metrics, full=lambda: None)
    return gate, metrics


async def _empty() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _long_answer(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x" * 1000})


def test_who_does_not_read_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    async def stuck(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    gate, metrics = _gate(_long_answer, body_seconds=0.05)
    asyncio.run(asyncio.wait_for(gate(dict(SCOPE), _empty, stuck), 5))
    assert b'status="499"' in metrics.text()[0]
    assert capsys.readouterr().err == ""


def test_a_failure_is_told_without_its_inside(capsys: pytest.CaptureFixture[str]) -> None:
    async def failing(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("a secret")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    gate, _ = _gate(failing)
    asyncio.run(gate(dict(SCOPE), _empty, send))
    body = b"".join(message.get("body", b"") for message in sent)
    assert sent[0]["status"] == 500
    assert json.loads(body)["error"]["code"] == "internal"
    assert b"secret" not in body
    assert "a secret" in capsys.readouterr().err
