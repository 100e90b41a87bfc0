"""Servers that run the bundle itself, by topwork-runtime: what lies beside it for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BUNDLE: Final = "model.topwork"
"""What the copy of the model is called, whatever the user calls it."""


@dataclass(frozen=True, slots=True)
class BundleServer:
    """A server that a folder is made ready for.

    Parameters
    ----------
    name
        As the user calls it.
    title
        What it is called in sentences.
    file
        The one that the server starts with.
    files
        What every file holds; ``{title}``, ``{version}`` and ``{extras}`` are filled in.
    """

    name: str
    title: str
    file: str
    files: dict[str, str]

    def filled(self, version: str, extras: str) -> dict[str, str]:
        """The files of a model.

        Parameters
        ----------
        version
            Of topwork.
        extras
            Of topwork-runtime that the model needs, as pip takes them.
        """
        told = {"title": self.title, "version": version, "extras": extras}
        found = dict(self.files)
        for name, value in told.items():
            found = {file: t.replace(f"{{{name}}}", value) for file, t in found.items()}
        return found


_PREDICTION: Final = '''\
import base64
import json
from pathlib import Path

import topwork
from topwork.cli.deployment.served_prediction import served_prediction
from topwork.data import Item
from topwork.errors import UserError

MAX_ITEMS, MAX_BYTES = 16, 20_000_000


def load(folder):
    """The model beside this file."""
    return topwork.load(Path(folder) / "model.topwork")


def value(model, given):
    """An image as bytes, base64 or a PIL image; a text as it is."""
    if isinstance(given, str) and not model.card.input.tokenized:
        given = base64.b64decode(given, validate=True)
    if isinstance(given, (str, bytes)) and len(given) > MAX_BYTES:
        raise ValueError(f"An item has at most {MAX_BYTES} bytes.")
    return given


def predicted(model, inputs, top=5):
    """What `topwork predict --json` prints."""
    several = inputs if isinstance(inputs, list) else [inputs]
    if len(several) > MAX_ITEMS:
        raise ValueError(f"There are at most {MAX_ITEMS} items in a request.")
    items = [Item(f"item {i}", value=value(model, one)) for i, one in enumerate(several)]
    return json.loads(served_prediction(model, items, top).model_dump_json())
'''

_HANDLER: Final = f'''\
"""A topwork model behind a Hugging Face endpoint."""

{_PREDICTION}

class EndpointHandler:
    """What the endpoint makes once, and calls for every request."""

    def __init__(self, path=""):
        self.model = load(path or Path(__file__).parent)

    def __call__(self, data):
        """`inputs`: an image (PIL, bytes or base64), a text, or a list of them."""
        told = data.get("parameters") or {{}}
        try:
            return predicted(self.model, data["inputs"], int(told.get("top", 5)))
        except (UserError, ValueError, KeyError, TypeError) as error:
            return {{"error": {{"message": str(error)}}}}
'''

_RAY: Final = f'''\
"""A topwork model behind Ray Serve: `serve run app:app`."""

{_PREDICTION}

from ray import serve
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse


@serve.deployment(max_ongoing_requests=4, max_queued_requests=64)
class Topwork:
    """One copy of the model; a request's body is an image or a text."""

    def __init__(self):
        self.model = load(Path(__file__).parent)

    async def __call__(self, request):
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MAX_BYTES:
                return JSONResponse({{"error": "The body is too large."}}, status_code=413)
        try:
            given = body.decode() if self.model.card.input.tokenized else body
            return JSONResponse(await run_in_threadpool(predicted, self.model, given))
        except (UserError, ValueError) as error:
            return JSONResponse({{"error": str(error)}}, status_code=400)


app = Topwork.bind()
'''

_HEAD: Final = """# A topwork model for {title}

`model.topwork` is the model as it was saved. It is run by topwork-runtime {version}, so that its
answers are those of `topwork predict --json`; `parity.json` says that this copy was run and gave
what the model gave.

"""

_REQUIREMENTS: Final = "topwork-runtime{extras}=={version}\n"

_WHEEL: Final = """\
`requirements.txt` asks for topwork-runtime. Where no index has it, build the wheel in topwork's
own folder (`pip wheel --no-deps ./packaging/runtime -w .`), put it into this folder, and name the
file in `requirements.txt` instead.
"""

DOCKER: Final = BundleServer(
    "docker",
    "Docker",
    "Dockerfile",
    {
        "Dockerfile": """\
# the image topwork-runtime is built by the Dockerfile of topwork
FROM topwork-runtime:{version}
COPY --chmod=555 model.topwork /models/model.topwork
USER 65534:65534
CMD ["/models/model.topwork"]
""",
        ".dockerignore": "*\n!model.topwork\n",
        "README.md": _HEAD
        + """```
docker build --build-arg EXTRAS='{extras}' -t topwork-runtime:{version} TOPWORK
docker build -t my-model .
docker run --rm --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \\
  -p 127.0.0.1:8000:8000 -v ./token:/run/token:ro my-model
```

`TOPWORK` is topwork's own folder. `token` is a file with the word that requests have to bring
(`Authorization: Bearer ...`). The server runs as nobody, and writes to `/tmp` alone.
""",
    },
)

HF: Final = BundleServer(
    "hf",
    "a Hugging Face endpoint",
    "handler.py",
    {
        "handler.py": _HANDLER,
        "requirements.txt": _REQUIREMENTS,
        "README.md": _HEAD
        + """\
Push this folder as a model repository and make an endpoint of it, which finds `handler.py`.
`{"inputs": ...}` is an image as base64, a text, or a list of up to 16 of them.

"""
        + _WHEEL,
    },
)

RAY: Final = BundleServer(
    "ray",
    "Ray Serve",
    "app.py",
    {
        "app.py": _RAY,
        "requirements.txt": _REQUIREMENTS + "ray[serve]>=2.50\n",
        "README.md": _HEAD
        + """```
pip install -r requirements.txt
serve run app:app
```

A request's body is one image or one text. More than 64 waiting requests are refused. Ray asks
nobody for a password, so keep it on this machine or behind what does. Set `num_replicas` in
`app.py` for more copies of the model.

"""
        + _WHEEL,
    },
)

BUNDLE_SERVERS: Final = {server.name: server for server in (DOCKER, HF, RAY)}
"""All of them, by their names."""
