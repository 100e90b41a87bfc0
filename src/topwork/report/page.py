"""The page: one HTML file that loads nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from topwork.metrics.records import Score
from topwork.report import numbers
from topwork.report.content import ReportContent
from topwork.report.folding import fold, only
from topwork.report.heat import heat_level
from topwork.report.names import brief, visible, visible_name
from topwork.report.scale import (
    budget_scale,
    label_scale,
    number_scale,
    range_scale,
    scale_for,
    share_scale,
)
from topwork.report.sections import SECTIONS
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from jinja2 import Environment, Template

TEMPLATES: Final = Path(__file__).with_name("templates")


def render(content: ReportContent) -> str:
    """The report as one HTML file.

    It holds no script and no address: its policy forbids everything but its own style and the
    images inside it. Names may contain anything. Figures are SVG drawn by the templates, with
    places in per cent, so that they stretch from a phone to paper and follow light and dark.

    Examples
    --------
    >>> "<script" in render(ReportContent(kind="image", title="<script>alert(1)</script>"))
    False
    """
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    return _page().render(
        content=content,
        sections=[s for s in SECTIONS if s.has_data(content)],
        policy=_policy(style),
        style=style,
    )


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _page() -> Template:
    return _environment().get_template("page.html.j2")


def _environment() -> Environment:
    from jinja2 import Environment, StrictUndefined

    from topwork.report.compiled_templates import CompiledTemplates

    environment = Environment(
        loader=CompiledTemplates(TEMPLATES, list(TEMPLATES.parent.glob("*.py"))),
        auto_reload=False,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        name=visible_name,
        whole=_whole,
        brief=brief,
        percent=numbers.percent,
        rate=numbers.rate,
        number=numbers.number,
        count=numbers.count,
        seconds=numbers.seconds,
        p_value=numbers.p_value,
    )
    environment.globals.update(
        value=numbers.value,
        interval=numbers.interval,
        plural=counted,
        fold=fold,
        only=only,
        heat_level=heat_level,
        share_scale=share_scale,
        scale_for=scale_for,
        number_scale=number_scale,
        range_scale=range_scale,
        label_scale=label_scale,
        budget_scale=budget_scale,
        drawable=_drawable,
        by_recall=_by_recall,
    )
    return environment


def _finalize(value: Any) -> Any:
    """Everything that a template writes passes here, before it is escaped."""
    assert value is not None, "a template writes something that is absent"
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value)
    return value


def _whole(uri: str) -> Any:
    """An image's address, escaped, but not cut as a text of its length would be."""
    from markupsafe import escape

    return escape(uri)


def _drawable(score: Any) -> bool:
    """Whether a score has a place on an axis."""
    return score is not None and math.isfinite(score.value) and math.isfinite(score.low)


class _Found(Protocol):
    @property
    def recall(self) -> Score | None: ...

    @property
    def n(self) -> int: ...


Found = TypeVar("Found", bound=_Found)


def _by_recall(classes: Sequence[Found]) -> list[Found]:
    """The classes or labels that are found least first; those without items last."""
    return sorted(classes, key=lambda c: (c.recall.value if c.recall else math.inf, -c.n))
