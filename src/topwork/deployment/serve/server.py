"""The server: one process that listens, and ends when it has answered what it took."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from topwork.deployment.serve.admission.access import LOOPBACK_NAMES, Access, is_loopback
from topwork.deployment.serve.limits import Limits
from topwork.deployment.serve.result import ServeResult
from topwork.errors import ParameterError

if TYPE_CHECKING:
    from types import FrameType

    from topwork.deployment.serve.models.answering import Answer

PACKAGES: Final = ("fastapi", "uvicorn", "python_multipart", "prometheus_client")
"""What serving needs besides predicting."""

_SHORTEST_TOKEN: Final = 16
_BACKLOG: Final = 256


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens, and who may ask.

    Parameters
    ----------
    host, port
        Its address; port 0 is a free one.
    token
        What everybody must know; needed where other machines can ask.
    names
        What it may be called besides.
    origins
        Pages elsewhere that may ask, as ``https://example.org``.

    Raises
    ------
    ParameterError
        Other machines could ask without a token, or the token is short.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    names: Sequence[str] = ()
    origins: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.token is None and not is_loopback(self.host):
            raise ParameterError(
                f"At {self.host} everybody in the network could ask.",
                remedy="Give a file with a token by --token-file, or leave --host out.",
                code="token_needed",
            )
        if self.token is not None and (
            len(self.token) < _SHORTEST_TOKEN or not self.token.isascii() or " " in self.token
        ):
            raise ParameterError(
                f"The token can't be used: it needs {_SHORTEST_TOKEN} characters or more, of "
                "ASCII, without spaces.",
                remedy="Make one with: python -c 'import secrets; print(secrets.token_urlsafe())'.",
                code="bad_token",
            )

    @property
    def access(self) -> Access:
        """The rules that follow."""
        own = LOOPBACK_NAMES if is_loopback(self.host) else {*LOOPBACK_NAMES, self.host.lower()}
        return Access(
            names=frozenset({*own, *(name.lower() for name in self.names)}),
            any_address=not is_loopback(self.host),
            origins=frozenset(self.origins),
            token=self.token,
        )

    def listen(self) -> socket.socket:
        """A socket there.

        Raises
        ------
        ParameterError
            The address or the port can't be used.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # with its protocol, by which asyncio knows to send small packets at once
        opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((self.host, self.port))
        except OSError as error:
            opened.close()
            raise ParameterError(
                f"{self.host} can't be listened at on port {self.port}: "
                f"{(error.strerror or str(error)).lower()}.",
                remedy="Give another --port, or 0 for a free one.",
                code="port_taken",
            ) from error
        opened.listen(_BACKLOG)
        return opened


def read_token(file: Path | None) -> str | None:
    """The first line of a file."""
    if file is None:
        return None
    lines = file.read_text("utf-8", errors="replace").splitlines()
    return lines[0].strip() if lines else ""


@dataclass(frozen=True, slots=True)
class Service:
    """What is served.

    Parameters
    ----------
    folders
        The models by name.
    answer
        Predicts.
    schema
        JSON schema of what it gives.
    watched
        Whether models that change are loaded again.
    """

    folders: Mapping[str, Path]
    answer: Answer
    schema: Mapping[str, Any]
    limits: Limits
    watched: bool = True


def serve(
    service: Service,
    place: Place,
    *,
    told: Callable[[str], None],
    opened: Callable[[str], None],
) -> ServeResult:
    """Serve models until the process is told to end.

    Parameters
    ----------
    told
        Is told in sentences what happens.
    opened
        Is told the address when all models are ready.

    Raises
    ------
    BackboneError
        The packages of the extra ``serve`` are missing.
    BundleError, ParameterError
        A model can't be loaded or isn't served, or the address can't be used.
    """
    from topwork.installation import require
    from topwork.model.storage.manifest import checked_manifest, is_bundle

    require("Serving", PACKAGES)
    for folder in service.folders.values():
        if not is_bundle(folder):
            checked_manifest(folder)  # says what is there instead
    with place.listen() as listening:
        return asyncio.run(_serve(service, place, listening, told, opened))


async def _serve(
    service: Service,
    place: Place,
    listening: socket.socket,
    told: Callable[[str], None],
    opened: Callable[[str], None],
) -> ServeResult:
    from topwork.deployment.serve.app import served_app
    from topwork.deployment.serve.decoding.decoders import Decoders
    from topwork.deployment.serve.models.prediction_queue import PredictionQueue
    from topwork.deployment.serve.models.served_model import open_model
    from topwork.deployment.serve.models.served_models import ServedModels

    limits = service.limits
    queue = PredictionQueue(service.answer, limits)
    decoders = Decoders(limits.deadline, replaced=queue.metrics.decoder)
    models = ServedModels(
        service.folders,
        partial(open_model, answer=service.answer, decoders=decoders),
        metrics=queue.metrics,
        told=told,
    )
    app = served_app(
        models,
        queue,
        access=place.access,
        limits=limits,
        schema=service.schema,
        watched=service.watched,
    )
    server = _server(app, limits)
    running = asyncio.create_task(server.serve([listening]))
    try:
        await models.open_all()
    except BaseException:
        server.should_exit = True
        await running
        decoders.close()
        raise
    host = f"[{place.host}]" if ":" in place.host else place.host
    address, begun = f"http://{host}:{listening.getsockname()[1]}", time.monotonic()
    if not server.should_exit:
        opened(address)
    await running
    decoders.close()
    return ServeResult(
        address=address,
        models=models.names,
        n_predicted=queue.counts["predicted"],
        n_rejected=queue.counts["rejected"],
        n_refused=queue.counts["refused"],
        n_reloads=models.n_reloads,
        seconds=time.monotonic() - begun,
    )


def _server(app: Any, limits: Limits) -> Any:
    import logging

    import uvicorn

    from topwork.deployment.serve.admission.connection import connection_class
    from topwork.deployment.serve.admission.gate import HEADER

    for name in ("uvicorn", "python_multipart"):  # what clients do wrong, they are told
        logging.getLogger(name).setLevel(logging.ERROR)

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
            """End when what was taken is answered; at the second signal at once."""
            self.force_exit = self.should_exit
            self.should_exit = True

    config = uvicorn.Config(
        app,
        http=connection_class(limits),
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=int(limits.drain_seconds),
        h11_max_incomplete_event_size=HEADER,
    )
    return Server(config)
