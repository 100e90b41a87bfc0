"""The model card: metadata that parses, Markdown that stays text."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt

from tests.report.sample import HOSTILE, lean, sample
from topwork.metrics.records import Score
from topwork.report import Publication, ReportContent, ReportedMetric, Summary, model_card


def metadata(card: str) -> dict[str, Any]:
    _, block, _ = card.split("---\n", 2)
    return yaml.safe_load(block)


def test_metadata_holds_the_results() -> None:
    found = metadata(model_card(sample()))
    assert found["library_name"] == "topwork"
    assert found["pipeline_tag"] == "image-classification"
    assert found["license"] == "apache-2.0"
    metrics = found["model-index"][0]["results"][0]["metrics"]
    assert metrics[0]["type"] == "balanced_accuracy"
    assert metrics[0]["value"] == 0.924
    assert "90.7 to 93.8" in metrics[0]["name"]


def test_the_hub_reads_the_results() -> None:
    results = ModelCard(model_card(sample())).data.eval_results
    assert results is not None
    assert {r.metric_type for r in results} >= {"accuracy", "f1", "balanced_accuracy"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_a_value_and_stays_text(name: str) -> None:
    content = ReportContent(
        kind="image",
        title=name,
        subtitle=name,
        summary=Summary(how_good=f"Not {name}.", warnings=(name,)),
        metrics=sample().metrics,
        classes=sample(30, hostile=True).classes,
        method=sample(30, hostile=True).method,
        publication=Publication(
            license=name,
            dataset=name,
            base_model=name,
            tags=(name,),
            intended_use=name,
            limits=name,
        ),
    )
    tame = content.model_copy(
        update={
            "title": "t",
            "subtitle": "t",
            "summary": Summary(how_good="Not t.", warnings=("t",)),
            "classes": sample(30).classes,
            "method": sample(30).method,
            "publication": Publication(
                license="t", dataset="t", base_model="t", tags=("t",), intended_use="t", limits="t"
            ),
        }
    )
    card = model_card(content)
    found, expected = metadata(card), metadata(model_card(tame))
    assert found.keys() == expected.keys()
    assert len(found["tags"]) == len(expected["tags"])
    assert tokens(card) == tokens(model_card(tame))


def tokens(card: str) -> list[str]:
    """The kinds of Markdown in a card, without how many pieces its text comes in."""
    body = card.split("\n---\n\n", 1)[1]
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    blocks = markdown.parse(body)
    plain = {"text", "text_special"}
    return [
        token.type + "".join(c.type for c in token.children or () if c.type not in plain)
        for token in blocks
    ]


def test_a_lean_card_has_no_empty_heading() -> None:
    card = model_card(lean())
    assert [line for line in card.splitlines() if line.startswith("#")] == [
        "# Field photographs",
        "## Scores",
    ]


def test_what_is_not_a_number_is_not_a_result() -> None:
    nan = ReportedMetric(
        key="auroc", name="AUROC", score=Score(value=math.nan, low=math.nan, high=math.nan)
    )
    assert "model-index" not in metadata(
        model_card(ReportContent(kind="image", title="t", metrics=(nan,)))
    )
