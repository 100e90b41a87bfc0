"""The model card: Markdown with the metadata block that Hugging Face reads."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any, Final

from topwork.report import numbers
from topwork.report.content import ReportContent
from topwork.report.names import visible, visible_name
from topwork.report.reported_metrics import ReportedMetric

_HUB_METRICS: Final = {"macro_f1": "f1", "auroc": "roc_auc", "brier": "brier_score"}
"""Where the hub calls a metric otherwise."""

_WORST_CLASSES: Final = 10
_MEANT_FOR_MARKDOWN: Final = re.compile(
    r"[\\`*_\[\]<>#|~$@&]|(?<=:)//|^\s*(?:[-+=]|\d+[.)](?=\s|$))|www\."
)


def model_card(content: ReportContent) -> str:
    """The model card of what a report is about.

    Examples
    --------
    >>> print(model_card(ReportContent(kind="image", title="Surfaces")).splitlines()[1])
    library_name: "topwork"
    """
    parts = [_metadata(content), f"# {_text(content.title)}", *_opening(content)]
    parts += [*_scores(content), *_worst_classes(content), *_unknown(content)]
    parts += [*_use(content), *_method(content)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _metadata(content: ReportContent) -> str:
    facts = content.publication
    task = _task(content)
    metadata: dict[str, Any] = {"library_name": "topwork"}
    if content.task in ("classes", "labels"):  # the hub has no pipeline for regression
        metadata["pipeline_tag"] = task
    metadata["tags"] = ["topwork", task, "transfer-learning", *facts.tags]
    if facts.license:
        metadata["license"] = facts.license
    if facts.base_model:
        metadata["base_model"] = facts.base_model
    results = [_result(m) for m in content.metrics if math.isfinite(m.score.value)]
    if results:
        metadata["metrics"] = [r["type"] for r in results]
        metadata["model-index"] = [_index(content, results)]
    return "\n".join(["---", *(f"{key}: {_yaml(v)}" for key, v in metadata.items()), "---"])


def _task(content: ReportContent) -> str:
    done = {
        "classes": "classification",
        "labels": "classification",
        "clusters": "clustering",
        "one-class": "anomaly-detection",
    }
    return f"{content.kind}-{done.get(content.task, 'regression')}"


def _index(content: ReportContent, results: list[dict[str, Any]]) -> dict[str, Any]:
    dataset = content.publication.dataset or f"the user's own {content.kind}s"
    return {
        "name": content.title,
        "results": [
            {
                "task": {
                    "type": _task(content),
                    "name": _task(content).replace("-", " ").capitalize(),
                },
                "dataset": {"type": "custom", "name": dataset},
                "metrics": results,
            }
        ],
    }


def _result(measure: ReportedMetric) -> dict[str, Any]:
    within = numbers.interval(measure.score, measure.kind).replace(numbers.THIN, " ")
    return {
        "type": _HUB_METRICS.get(measure.key, measure.key),
        "name": f"{measure.name} (95 % interval: {within})" if within else measure.name,
        "value": round(measure.score.value, 4),
    }


def _yaml(value: Any) -> str:
    """JSON of visible text, every line of which is YAML too."""
    return json.dumps(_visible(value), ensure_ascii=False)


def _visible(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [_visible(v) for v in value]
    if isinstance(value, dict):
        return {key: _visible(v) for key, v in value.items()}
    return value


def _opening(content: ReportContent) -> list[str]:
    summary = content.summary
    sentences = (content.subtitle, summary.how_good, summary.how_sure, summary.transfer)
    warnings = [f"> **Note.** {_text(w)}" for w in summary.warnings]
    notice = [f"> **{_text(content.notice)}**"] if content.notice else []
    return [*notice, *(_text(s) for s in sentences if s), *warnings]


def _scores(content: ReportContent) -> list[str]:
    if not content.metrics:
        return []
    rows = [
        (m.name, numbers.value(m.score, m.kind), numbers.interval(m.score, m.kind))
        for m in content.metrics
    ]
    return ["## Scores", _table(("score", "value", "95 % interval"), rows)]


def _worst_classes(content: ReportContent) -> list[str]:
    judged = [(c.recall.value, c) for c in content.classes if c.recall]
    if not judged:
        return []
    worst = [c for _, c in sorted(judged, key=lambda pair: pair[0])[:_WORST_CLASSES]]
    rows = [
        (visible_name(c.label), f"{c.n:,}", numbers.value(c.recall), numbers.interval(c.recall))
        for c in worst
    ]
    heading = (
        "## Classes" if len(worst) == len(content.classes) else "## Classes with the lowest recall"
    )
    return [heading, _table(("class", "items", "recall", "95 % interval"), rows)]


def _unknown(content: ReportContent) -> list[str]:
    unknown = content.probabilities.unknown if content.probabilities else None
    return ["## Unknown inputs", _text(unknown.sentence)] if unknown and unknown.sentence else []


def _use(content: ReportContent) -> list[str]:
    facts = content.publication
    use = ["## Use", _text(facts.intended_use)] if facts.intended_use else []
    return [*use, "## Limits", _text(facts.limits)] if facts.limits else use


def _method(content: ReportContent) -> list[str]:
    if content.method is None:
        return []
    method = content.method
    facts = [(f.name, f.value) for f in (*method.facts, *method.versions, *method.hashes)]
    table = _table(("what", "value"), facts) if facts else ""
    return ["## How it was measured", *(_text(p) for p in method.paragraphs), table]


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [_row(header), _row(("---",) * len(header))]
    return "\n".join(lines + [_row(tuple(_text(cell) for cell in row)) for row in rows])


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(text: str) -> str:
    """Text that Markdown shows as it is, whatever it holds."""
    return _MEANT_FOR_MARKDOWN.sub(_escaped, visible(text))


def _escaped(match: re.Match[str]) -> str:
    found = match.group()
    entities = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
    if found in entities:
        return entities[found]
    if found in {"//", "www."}:
        return {"//": "/&#47;", "www.": "www&#46;"}[found]
    return found[:-1] + "\\" + found[-1]
