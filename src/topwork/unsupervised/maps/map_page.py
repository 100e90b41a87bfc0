"""The page of a map: one HTML file that loads nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.report.names import visible
from topwork.unsupervised.maps.colouring import Categories, Colouring

FOLDER: Final = Path(__file__).with_name("page")

LONGEST: Final = 400
"""Characters of a text that are shown."""

_STEPS: Final = 65_535


@dataclass(frozen=True, eq=False)
class MapPoints:
    """The n points of a map and what is known of them.

    Parameters
    ----------
    plane
        (n, 2).
    names
        Of the items.
    texts
        The texts themselves; ``None`` for images.
    images
        Data URIs by position.
    colourings
        What points can be coloured by.
    """

    plane: NDArray[np.floating]
    names: Sequence[str]
    texts: Sequence[str] | None
    images: Mapping[int, str]
    colourings: Sequence[Colouring]


def render_map(points: MapPoints, *, title: str, kind: str) -> str:
    """A page with a map that can be moved, zoomed and selected from.

    Its policy allows its own script and style and the images inside it, and no request. Names and
    texts are data: they are never part of markup.

    Examples
    --------
    >>> points = MapPoints(np.zeros((1, 2)), ["</script><b>"], None, {}, [])
    >>> "<b>" in render_map(points, title="<b>", kind="image")
    False
    """
    style = (FOLDER / "map.css").read_text("utf-8")
    script = (FOLDER / "map.js").read_text("utf-8")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; "
        f"script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'"
    )
    parts = {
        "title": html.escape(visible(title)),
        "policy": html.escape(policy),
        "count": f"{len(points.names):,} {kind}{'' if len(points.names) == 1 else 's'}",
        "style": style,
        "script": script,
        "data": _inside(_data(points)),
    }
    page = (FOLDER / "map.html").read_text("utf-8")
    before, *rest = page.split("{{")
    pieces = [part.split("}}", 1) for part in rest]
    return before + "".join(parts[name] + text for name, text in pieces)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inside(data: Mapping[str, Any]) -> str:
    """JSON that ends no element: it can stand inside a script."""
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _data(points: MapPoints) -> dict[str, Any]:
    plane = points.plane.astype(np.float64)
    low = plane.min(axis=0)
    extent = float(np.ptp(plane, axis=0).max()) or 1.0
    steps = np.rint((plane - low) / extent * _STEPS).astype("<u2")
    return {
        "xy": base64.b64encode(steps.tobytes()).decode(),
        "names": list(points.names),
        "texts": None if points.texts is None else [_cut(text) for text in points.texts],
        "images": {str(position): uri for position, uri in points.images.items()},
        "colourings": [_colouring(one) for one in points.colourings],
    }


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _colouring(one: Colouring) -> dict[str, Any]:
    if isinstance(one, Categories):
        codes = base64.b64encode(one.codes.astype("<u2").tobytes()).decode()
        return {"name": one.name, "names": [visible(name) for name in one.names], "codes": codes}
    values = np.nan_to_num(one.values.astype("<f4"))
    return {"name": one.name, "values": base64.b64encode(values.tobytes()).decode()}
