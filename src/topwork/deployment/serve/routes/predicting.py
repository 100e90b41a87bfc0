"""``/v1``: predictions as ``topwork predict --json`` prints them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from topwork.data import Item
from topwork.deployment.serve.admission.uploads import items_of, too_many_items
from topwork.deployment.serve.limits import Limits
from topwork.deployment.serve.models.answering import Question
from topwork.deployment.serve.models.heat import HeatMap, cost_of, heat_of
from topwork.deployment.serve.models.prediction_queue import PredictionQueue
from topwork.deployment.serve.models.served_model import ServedModel
from topwork.deployment.serve.models.served_models import ServedModels
from topwork.deployment.serve.routes.described import REFUSALS, DescribedModel, DescribedModels

Top = Annotated[int, Query(ge=1, le=100_000, description="Classes listed per item.")]

_BODIES: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary", "minLength": 1}
            },
            "text/plain": {"schema": {"type": "string", "minLength": 1}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "additionalProperties": {"type": "string", "format": "binary"},
                }
            },
        },
    }
}


def predicting_routes(
    models: ServedModels, queue: PredictionQueue, limits: Limits, schema: Mapping[str, Any]
) -> APIRouter:
    """The routes.

    Parameters
    ----------
    schema
        JSON schema of a result.
    """
    router = APIRouter(prefix="/v1", responses=dict(REFUSALS))
    described: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "What `topwork predict --json` prints.",
            "content": {"application/json": {"schema": dict(schema)}},
        }
    }

    async def items_in(request: Request, served: ServedModel, most: int) -> list[Item]:
        body, kind = await request.body(), request.headers.get("content-type", "")
        items = await run_in_threadpool(items_of, body, kind, inline=served.inline, limits=limits)
        if len(items) > most:
            raise too_many_items(most)
        return items

    async def predicted(request: Request, served: ServedModel, top: int) -> Response:
        items = await items_in(request, served, limits.items)
        result = await queue.ask(served, Question(items, top))
        return Response(result.model_dump_json(), media_type="application/json")

    @router.get("/models")
    async def list_models() -> DescribedModels:
        """The models that are served."""
        return DescribedModels(models=[DescribedModel.of(one) for one in models.all()])

    @router.get("/models/{name}")
    async def describe_model(name: str) -> DescribedModel:
        """One of them."""
        return DescribedModel.of(models.named(name))

    @router.post("/predict", responses=described, openapi_extra=_BODIES)
    async def predict(request: Request, top: Top = 5) -> Response:
        """Predict for an image or text, or one per part of a form, with the first model."""
        return await predicted(request, models.named(), top)

    @router.post("/models/{name}/predict", responses=described, openapi_extra=_BODIES)
    async def predict_with(request: Request, name: str, top: Top = 5) -> Response:
        """The same with the model of this name."""
        return await predicted(request, models.named(name), top)

    @router.post("/models/{name}/heat", openapi_extra=_BODIES)
    async def show_heat(request: Request, name: str) -> HeatMap:
        """Where in one image the answer comes from; for classes, dozens of predictions of work."""
        served = models.named(name)
        (item,) = await items_in(request, served, 1)
        return await queue.compute(served, heat_of, item, cost_of(served))

    return router
