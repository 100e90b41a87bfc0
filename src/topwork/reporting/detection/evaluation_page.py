"""The page of a detector's evaluation: scores, classes, kinds of errors, the worst images."""

from __future__ import annotations

from topwork.model.detection.evaluation import DetectionEvaluation
from topwork.model.detection.judged import JudgedBoxes
from topwork.report import ReportContent, Summary, render, reported_metrics
from topwork.reporting.detection.section import objects_section
from topwork.reporting.detection.sentences import how_good, how_sure
from topwork.runtime.counted import counted


def detection_page(
    found: DetectionEvaluation, judged: JudgedBoxes, *, title: str, next_steps: tuple[str, ...]
) -> str:
    """One HTML page of how a detector does on other data.

    Parameters
    ----------
    judged
        The images, with their objects and what was found.
    """
    metrics = reported_metrics(found.scores)
    return render(
        ReportContent(
            kind=found.modality,
            task="boxes",
            title=title,
            subtitle=f"Evaluation on {counted(found.n_objects, 'object')} in "
            f"{counted(found.n_items, 'image')}",
            summary=Summary(
                headline=next(m for m in metrics if m.key == "ap50"),
                how_good=how_good(found.scores.ap50, found.at_threshold),
                how_sure=" ".join(
                    [how_sure(found.scores.ap50), *([found.shift.sentence] if found.shift else [])]
                ),
                next_steps=next_steps,
                warnings=_warnings(found),
            ),
            metrics=metrics,
            objects=objects_section(
                judged,
                found.per_class,
                found.at_threshold,
                found.errors,
                judged_on="these images",
            ),
        )
    )


def _warnings(found: DetectionEvaluation) -> tuple[str, ...]:
    said = [*found.notes, *(remark.sentence for remark in found.remarks), *found.warnings]
    if found.rejected:
        said.append(f"{counted(len(found.rejected), 'image')} could not be read.")
    return tuple(said)
