"""The page of an inspector's evaluation."""

from __future__ import annotations

from topwork.metrics.records import Score
from topwork.model.inspection.evaluation import InspectionEvaluation
from topwork.report import Fact, Method, ReportContent, Summary, render
from topwork.runtime.counted import counted


def evaluated_page(found: InspectionEvaluation, title: str) -> str:
    """One HTML page of how an inspector does on other parts."""
    scores = found.scores
    rows = (
        ("AUROC of parts", scores.auroc),
        ("AUROC of pixels", scores.pixel_auroc),
        ("Overlap of regions (PRO)", scores.pro),
        ("False alarms", scores.false_alarm_rate),
        ("Defective parts found", scores.found),
    )
    warnings = [*found.notes, *(remark.sentence for remark in found.remarks)]
    if found.rejected:
        warnings.append(f"{counted(len(found.rejected), 'image')} could not be read.")
    return render(
        ReportContent(
            kind=found.modality,
            task="one-class",
            title=title,
            subtitle=f"Evaluation on {counted(found.n_good, 'good part')} and "
            f"{counted(found.n_defective, 'defective part')}",
            summary=Summary(
                how_good=" ".join(evaluated_sentences(found)),
                how_sure="Intervals are at 95 % confidence.",
                warnings=tuple(warnings),
            ),
            method=Method(
                facts=(
                    *(Fact(name=name, value=in_words(one)) for name, one in rows if one),
                    *(
                        Fact(
                            name=f"Found of {one.n} with {one.label}",
                            value=in_words(one.found),
                        )
                        for one in found.per_class
                    ),
                ),
            ),
        )
    )


def evaluated_sentences(found: InspectionEvaluation) -> list[str]:
    """What was measured, for people."""
    scores, said = found.scores, []
    if scores.auroc is not None:
        said.append(
            "A defective part scores above a good one with a chance of "
            f"{in_words(scores.auroc)} (AUROC)."
        )
    if scores.found is not None:
        said.append(f"Found: {in_words(scores.found)} of the defective parts.")
    if scores.false_alarm_rate is not None:
        rate = scores.false_alarm_rate
        said.append(
            f"False alarms: {in_words(rate)} of the good parts; {100 * found.promised:g} % were "
            "promised."
        )
        if found.moved is not None:
            said.append(found.moved.sentence)
        elif rate.low > found.promised:
            said.append(
                "That is more than promised: the camera, the light or the parts differ from those "
                "of the fit, or several images of one part were not grouped there."
            )
    if scores.pixel_auroc is not None and scores.pro is not None:
        said.append(
            f"Of pixels the AUROC is {in_words(scores.pixel_auroc)}, the overlap with the "
            f"{counted(found.n_masks, 'mask')} (PRO) {in_words(scores.pro)}."
        )
    return said


def in_words(score: Score) -> str:
    """A share with its interval.

    Examples
    --------
    >>> in_words(Score(value=0.5, low=0.25, high=0.75))
    '50.0 % (25.0 to 75.0 %)'
    """
    assert score.high is not None, "shares are bounded"
    return f"{100 * score.value:.1f} % ({100 * score.low:.1f} to {100 * score.high:.1f} %)"
