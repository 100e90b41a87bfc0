"""The page: whole, inert, small, and silent about what a run has not found out."""

from __future__ import annotations

import base64
import hashlib
import math
import os
import re
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pytest

from tests.report.markup import read_markup
from tests.report.sample import HOSTILE, lean, sample
from topwork.metrics.records import ClassScore, Score
from topwork.report import (
    CurvePoint,
    DataFindings,
    Failures,
    LearningCurve,
    Probabilities,
    ReportContent,
    Strategies,
    Summary,
    Tried,
    WrongItem,
    confusions_of,
    render,
)
from topwork.report.compiled_templates import CompiledTemplates
from topwork.report.images import LONGEST_URI
from topwork.report.names import brief, visible_name
from topwork.report.page import TEMPLATES, _environment
from topwork.report.sections import SECTIONS

MB = 1_000_000


@pytest.fixture(scope="module")
def tame() -> str:
    return render(sample(30))


@pytest.fixture(scope="module")
def hostile() -> str:
    return render(sample(30, hostile=True))


def test_thirty_hostile_names() -> None:
    assert len(set(HOSTILE)) == 30


@pytest.mark.parametrize("n_classes", [2, 12, 25, 101])
@pytest.mark.parametrize("bad", [False, True])
def test_markup_is_whole(n_classes: int, bad: bool) -> None:
    assert read_markup(render(sample(n_classes, hostile=bad))).problems == []


def test_hostile_names_change_no_element(tame: str, hostile: str) -> None:
    """The same elements with the same attributes; only titles of shortened names, and the places
    where a path may break, may differ."""

    def skeleton(html: str) -> list[tuple[str, tuple[str, ...]]]:
        elements = read_markup(html).elements
        names = ((e.tag, tuple(n for n in e.attributes if n != "title")) for e in elements)
        return [element for element in names if element[0] != "wbr"]

    assert skeleton(hostile) == skeleton(tame)


@pytest.mark.parametrize("name", HOSTILE)
def test_each_hostile_name_is_shown_as_text(hostile: str, name: str) -> None:
    assert brief(visible_name(name)) in read_markup(hostile).text


def test_nothing_invisible_is_left(hostile: str) -> None:
    hostile.encode("utf-8")
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", hostile
    )


@pytest.mark.parametrize("page", ["tame", "hostile"])
def test_nothing_runs_and_nothing_is_loaded(page: str, request: pytest.FixtureRequest) -> None:
    html = request.getfixturevalue(page)
    assert "<script" not in html.lower()
    for element in read_markup(html).elements:
        assert element.tag not in {"script", "iframe", "object", "embed", "base", "form", "use"}
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            assert name not in {"style", "srcset", "action", "http-equiv"} or (
                value == "Content-Security-Policy"
            )
            if name == "src":
                assert value.startswith("data:image/jpeg;base64,")
            if name == "href":
                assert value.startswith("#") or value == "data:,"


def test_no_address_anywhere(tame: str) -> None:
    assert "http:" not in tame
    assert "https:" not in tame
    assert "url(" not in tame


def test_policy_allows_this_style_only(tame: str) -> None:
    policy = next(
        e.attributes["content"]
        for e in read_markup(tame).elements
        if e.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    styles = re.findall(r"<style>(.*?)</style>", tame, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    assert len(styles) == 1
    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src data:",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_every_picture_has_words(tame: str) -> None:
    images = [e for e in read_markup(tame).elements if e.tag == "img"]
    assert len(images) > 50
    assert all(e.attributes["alt"] for e in images)
    figures = [e for e in read_markup(tame).elements if e.attributes.get("role") == "img"]
    assert all(e.attributes["aria-label"] for e in figures)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/home/ann/photos/train/dogs/1.jpg", "…/train/dogs/1.jpg"),
        ("photos/train/dogs/1.jpg", "photos/train/dogs/1.jpg"),
        ("1.jpg", "1.jpg"),
    ],
)
def test_a_long_path_is_shown_by_its_end(path: str, shown: str) -> None:
    figures: Any = _environment().get_template("figures.html.j2").module
    (found,) = [e for e in read_markup(figures.path(path)).elements if e.tag == "bdi"]
    assert found.attributes["title"] == path
    text = re.sub("<[^>]*>", "", figures.path(path)).strip()
    assert text == shown


def test_headings_descend_one_by_one(tame: str) -> None:
    levels = [int(e.tag[1]) for e in read_markup(tame).elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_every_table_has_a_caption_and_headers(tame: str) -> None:
    elements = read_markup(tame).elements
    tables = sum(e.tag == "table" for e in elements)
    assert tables == sum(e.tag == "caption" for e in elements)
    assert all(e.attributes.get("scope") in {"row", "col"} for e in elements if e.tag == "th")


@pytest.mark.parametrize("n_classes", [101, 1000])
def test_small_and_fast(n_classes: int) -> None:
    content = sample(n_classes, hostile=True)
    begun = time.process_time()
    html = render(content)
    assert time.process_time() - begun < 5
    assert len(html.encode()) < 5 * MB


def test_small_with_the_largest_pictures() -> None:
    picture = "data:image/jpeg;base64," + "A" * (LONGEST_URI - 24)
    heaviest = _with_pictures(sample(101, hostile=True).model_dump(), picture)
    html = render(ReportContent.model_validate(heaviest))
    assert html.count(picture) > 100
    assert len(html.encode()) < 5 * MB


def _with_pictures(value: Any, picture: str) -> Any:
    if isinstance(value, dict):
        return {
            k: picture if k in {"image", "saliency"} else _with_pictures(v, picture)
            for k, v in value.items()
        }
    return [_with_pictures(v, picture) for v in value] if isinstance(value, tuple) else value


def test_a_lean_report_has_its_scores_and_no_empty_section() -> None:
    html = render(lean())
    assert "92.4" in html
    assert [e.attributes["id"] for e in read_markup(html).elements if e.tag == "section"] == [
        "summary",
        "scores",
    ]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda s: s.name)
def test_each_section_stands_alone_and_vanishes(section) -> None:
    full = sample().model_dump()
    fields = {
        "scores": ("metrics", "strategies"),
        "before_after": ("before_after",),
        "adaptation": ("adaptation",),
        "clusters": ("clusters",),
        "classes": ("classes", "confusions"),
        "probabilities": ("probabilities",),
        "numbers": ("numbers",),
        "labels": ("labels",),
        "objects": ("objects",),
        "suggestions": ("suggestions",),
        "curve": ("learning_curve", "label_budget"),
        "failures": ("failures",),
        "data": ("data",),
        "method": ("method",),
    }[section.name]
    alone = ReportContent.model_validate(
        {"kind": "image", "title": "t", **{f: full[f] for f in fields}}
    )
    without = ReportContent.model_validate({k: v for k, v in full.items() if k not in fields})
    assert _sections(alone) == ["summary", section.name]
    assert _sections(without) == ["summary", *(s.name for s in SECTIONS if s is not section)]


def _sections(content: ReportContent) -> list[str]:
    markup = read_markup(render(content))
    assert markup.problems == []
    return [e.attributes["id"] for e in markup.elements if e.tag == "section"]


def test_every_section_has_its_template() -> None:
    listed = {f"{s.name}.html.j2" for s in SECTIONS}
    assert {p.name for p in TEMPLATES.iterdir() if p.is_file()} == listed | {
        "page.html.j2",
        "figures.html.j2",
        "summary.html.j2",
        "style.css",
    }


NAN = Score(value=math.nan, low=math.nan, high=math.nan)


@pytest.mark.parametrize(
    "content",
    [
        ReportContent(kind="image", title=""),
        ReportContent(kind="image", title="t", summary=Summary(chance=0.5, warnings=("w",))),
        ReportContent(
            kind="image", title="t", strategies=Strategies(tried=(Tried(name="a", score=NAN),))
        ),
        ReportContent(
            kind="image",
            title="t",
            classes=(ClassScore(label="a", n=0, precision=None, recall=NAN),),
        ),
        ReportContent(kind="image", title="t", confusions=confusions_of([], np.zeros((0, 0), int))),
        ReportContent(
            kind="image", title="t", confusions=confusions_of(["a", "b"], np.zeros((2, 2), int))
        ),
        ReportContent(kind="image", title="t", probabilities=Probabilities()),
        ReportContent(kind="image", title="t", learning_curve=LearningCurve(measured=())),
        ReportContent(
            kind="image",
            title="t",
            learning_curve=LearningCurve(measured=(CurvePoint(labels_per_class=3, score=NAN),)),
        ),
        ReportContent(kind="image", title="t", failures=Failures()),
        ReportContent(
            kind="image",
            title="t",
            failures=Failures(
                wrong=(WrongItem(path="p", truth="a", predicted="b", confidence=0.9),)
            ),
        ),
        ReportContent(kind="image", title="t", data=DataFindings()),
    ],
    ids=str,
)
def test_what_is_empty_or_not_a_number_breaks_nothing(content: ReportContent) -> None:
    html = render(content)
    assert read_markup(html).problems == []
    assert "nan" not in re.sub(r"<style>.*</style>", "", html, flags=re.DOTALL).lower()


def test_the_worst_class_comes_first() -> None:
    table = render(sample(12)).split('<table class="rows classes">')[1]
    labels = re.findall(r'<th scope="row"><bdi class="name">([\w ]+)</bdi>', table)
    recalls = {c.label: c.recall.value if c.recall else 2.0 for c in sample(12).classes}
    assert labels[:12] == sorted(recalls, key=recalls.__getitem__)


def test_what_is_left_out_is_counted() -> None:
    text = read_markup(render(sample())).text
    assert "And 183 wrong items, not shown here." in text
    assert "And 11 groups, not shown here." in text
    assert "And 1 item of this group, not shown here." in text


def test_templates_are_compiled_once_and_again_when_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    template, filters = tmp_path / "a.html.j2", tmp_path / "filters.py"
    template.write_text("{{ x }} one")
    filters.touch()

    def rendered() -> str:
        environment = jinja2.Environment(
            loader=CompiledTemplates(tmp_path, [filters]), autoescape=True
        )
        return environment.get_template(template.name).render(x="<")

    def compiled() -> int:
        (kept,) = (tmp_path / "__pycache__").iterdir()
        return kept.stat().st_mtime_ns

    assert rendered() == "&lt; one"
    first = compiled()
    assert rendered() == "&lt; one"
    assert compiled() == first
    os.utime(filters, ns=(1, 1))
    assert rendered() == "&lt; one"
    assert compiled() != first
    template.write_text("{{ x }} another")
    assert rendered() == "&lt; another"
