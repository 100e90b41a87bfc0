"""``/v2``: the Open Inference Protocol (KServe V2), REST, over the same queue."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from topwork.deployment.serve.limits import Limits
from topwork.deployment.serve.models.answering import Question
from topwork.deployment.serve.models.prediction_queue import PredictionQueue
from topwork.deployment.serve.models.served_models import ServedModels
from topwork.deployment.serve.routes.described import REFERENCE, REFUSALS
from topwork.deployment.serve.routes.tensors import (
    OUTPUTS,
    InferError,
    InferRequest,
    InferResponse,
    TensorSpec,
    inputs_of,
    outputs_of,
    read_request,
)
from topwork.installation import topwork_version

VERSION = "1"
"""Of every model: the newest is the only one."""


def inference_routes(models: ServedModels, queue: PredictionQueue, limits: Limits) -> APIRouter:
    """The routes."""
    said: dict[int | str, dict[str, Any]] = {
        status: {**one, "model": InferError} for status, one in REFUSALS.items()
    }
    router = APIRouter(prefix="/v2", responses=said)
    schema = {"$ref": REFERENCE.format(model=InferRequest.__name__)}
    taken = {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}

    @router.get("")
    async def describe_server() -> dict[str, Any]:
        """The server."""
        return {"name": "topwork", "version": topwork_version(), "extensions": []}

    @router.get("/health/live")
    async def tell_live() -> dict[str, bool]:
        """Whether it runs."""
        return {"live": True}

    @router.get("/health/ready")
    async def tell_all_ready() -> dict[str, bool]:
        """Whether all models can be asked."""
        for name in models.names:
            models.named(name)
        return {"ready": True}

    @router.get("/models/{name}")
    @router.get("/models/{name}/versions/1")
    async def describe_tensors(name: str) -> dict[str, Any]:
        """What a model takes, one of the inputs, and gives."""
        served = models.named(name)
        return {
            "name": name,
            "versions": [VERSION],
            "platform": "topwork_openvino",
            "inputs": [_described(one) for one in inputs_of(inline=served.inline)],
            "outputs": [_described(one) for one in OUTPUTS[served.task]],
        }

    @router.get("/models/{name}/ready")
    @router.get("/models/{name}/versions/1/ready")
    async def tell_model_ready(name: str) -> dict[str, Any]:
        """Whether a model can be asked."""
        return {"name": models.named(name).name, "ready": True}

    @router.post("/models/{name}/infer", openapi_extra=taken)
    @router.post("/models/{name}/versions/1/infer", openapi_extra=taken)
    async def infer(request: Request, name: str) -> InferResponse:
        """Predict for the items of a tensor."""
        served = models.named(name)
        body = await request.body()
        items, asked = await run_in_threadpool(
            read_request, body, inline=served.inline, limits=limits
        )
        result = await queue.ask(served, Question(items, max(1, len(served.labels))))
        return InferResponse(
            model_name=name,
            model_version=VERSION,
            id=asked,
            outputs=outputs_of(result, served.labels),
        )

    return router


def request_schemas() -> dict[str, Any]:
    """What the description of the API refers to."""
    found = InferRequest.model_json_schema(ref_template=REFERENCE)
    return {**found.pop("$defs"), InferRequest.__name__: found}


def _described(spec: TensorSpec) -> dict[str, Any]:
    return {**asdict(spec), "shape": list(spec.shape)}
