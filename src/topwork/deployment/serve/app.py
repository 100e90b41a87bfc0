"""Everything that can be asked, as one application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException

from topwork.deployment.serve.admission.access import Access
from topwork.deployment.serve.admission.gate import App, Gate
from topwork.deployment.serve.limits import Limits
from topwork.deployment.serve.models.prediction_queue import PredictionQueue
from topwork.deployment.serve.models.served_models import ServedModels
from topwork.deployment.serve.refused import Refused, refused_items
from topwork.deployment.serve.routes.described import REFUSALS
from topwork.deployment.serve.routes.open_inference import inference_routes, request_schemas
from topwork.deployment.serve.routes.predicting import predicting_routes
from topwork.deployment.serve.routes.served_page import served_page
from topwork.errors import UserError
from topwork.installation import topwork_version

WATCH_SECONDS = 1.0
"""Between two looks at the manifests of the models."""


def served_app(
    models: ServedModels,
    queue: PredictionQueue,
    *,
    access: Access,
    limits: Limits,
    schema: Mapping[str, Any],
    watched: bool,
) -> App:
    """The application behind its gate.

    Parameters
    ----------
    schema
        JSON schema of a result.
    watched
        Whether models that change are loaded again.
    """

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(queue.run())]
        if watched:
            tasks.append(asyncio.create_task(models.watch(WATCH_SECONDS)))
        yield
        for task in tasks:
            task.cancel()
        queue.close()

    app = FastAPI(
        title="topwork serve",
        version=topwork_version(),
        docs_url=None,
        redoc_url=None,
        lifespan=running,
        responses=dict(REFUSALS),
    )
    inner = {name: part for name, part in schema.items() if name != "$defs"}
    app.include_router(predicting_routes(models, queue, limits, inner))
    app.include_router(inference_routes(models, queue, limits))
    _add_states(app, models, queue)
    _add_errors(app)
    _add_schemas(app, {**schema.get("$defs", {}), **request_schemas()})
    return Gate(app, access=access, limits=limits, metrics=queue.metrics, full=queue.check)


def _add_states(app: FastAPI, models: ServedModels, queue: PredictionQueue) -> None:
    """The page, and what those ask who look after servers."""
    page = served_page()

    @app.get("/", include_in_schema=False)
    async def show_page() -> Response:
        headers = {"Content-Security-Policy": page.policy}
        return Response(page.content, media_type="text/html", headers=headers)

    @app.get("/favicon.ico", include_in_schema=False)
    async def show_no_icon() -> Response:
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @app.get("/healthz")
    async def tell_health() -> dict[str, str]:
        """Whether the server runs."""
        return {"status": "ok"}

    @app.get("/readyz")
    async def tell_ready() -> dict[str, str]:
        """Whether all models were loaded, verified and used once."""
        if not models.ready:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE, "not_ready", "The models are being loaded."
            )
        return {"status": "ready"}

    @app.get("/metrics", response_class=PlainTextResponse)
    async def tell_metrics() -> Response:
        """Counters for Prometheus."""
        text, kind = queue.metrics.text()
        return Response(text, headers={"Content-Type": kind})


def _add_errors(app: FastAPI) -> None:
    """Whatever goes wrong is said in one form, by the gate."""

    async def said(request: Request, error: Exception) -> Response:
        if isinstance(error, UserError):
            error = refused_items(error)
        if isinstance(error, RequestValidationError):
            first = error.errors()[0]
            what = ".".join(str(part) for part in first["loc"])[:100]
            error = Refused(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "bad_parameter",
                f"{what} can't be used: {first['msg']}.",
                "See /openapi.json.",
            )
        if isinstance(error, HTTPException):
            status = HTTPStatus(error.status_code)
            code, message = status.name.lower(), f"{status.phrase}."
            error = Refused(status, code, message, "See /openapi.json.", error.headers)
        assert isinstance(error, Refused)
        return JSONResponse(error.body(request.url.path), int(error.status), headers=error.headers)

    for kind in (Refused, UserError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, said)


def _add_schemas(app: FastAPI, schemas: Mapping[str, Any]) -> None:
    """What a result refers to."""
    described = app.openapi

    def with_schemas() -> dict[str, Any]:
        found = described()
        found["components"]["schemas"].update(schemas)
        return found

    app.openapi = with_schemas  # type: ignore[method-assign]
