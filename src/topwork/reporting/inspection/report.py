"""What a fit on good parts found, as a report."""

from __future__ import annotations

from collections.abc import Mapping

from topwork.heads.inspection.normality import NormalityName
from topwork.installation import installed_versions
from topwork.report import Fact, Method, Publication, ReportContent, Summary
from topwork.reporting.inspection.result import InspectionFitResult
from topwork.runtime.counted import counted

_COMPARED: Mapping[NormalityName, str] = {
    "place-gaussian": "Each place of an image is compared with the same place of good parts, in "
    "maps of a pretrained network: the Mahalanobis distance from a normal distribution whose "
    "covariance is shrunk towards that of all places.",
    "patch-memory": "Each place of an image is compared with any place of good parts, in maps of a "
    "pretrained network: the distance from the nearest of the places that were chosen to be "
    "remembered, in whitened principal axes.",
}


def inspection_report(result: InspectionFitResult, title: str, contents: str) -> ReportContent:
    """What the page and the model card say.

    Parameters
    ----------
    contents
        Hash of the images.
    """
    odd = ", ".join(f"{one.path} ({one.score:.2f})" for one in result.oddest[:5])
    return ReportContent(
        title=title,
        subtitle=f"Inspection, fitted on {counted(result.n_items, 'image')} of "
        f"{counted(result.n_groups, 'good part')}",
        kind=result.modality,
        task="one-class",
        summary=Summary(
            question="How many false alarms?",
            how_good=result.promise,
            how_sure="The rate holds for good parts like these, seen by the same camera in the "
            "same light. How many defects are found can only be measured on defective parts.",
            next_steps=(
                "topwork evaluate with a folder test/ of good and defective parts measures how "
                "many defects are found.",
                f"See whether the oddest good parts are good: {odd}.",
            ),
            warnings=tuple(result.notes),
        ),
        method=Method(
            paragraphs=(
                _COMPARED[result.head] + " The score of a part is its largest distance.",
                result.reason,
                "Every good part was scored by a model of other parts. The threshold "
                "is the rank among these scores that the promised rate of false alarms allows.",
            ),
            facts=(
                Fact(name="Images", value=str(result.n_items)),
                Fact(name="Parts", value=str(result.n_groups)),
                Fact(name="Backbone", value=result.backbone),
                Fact(name="Layers", value=", ".join(result.cuts)),
                *(
                    Fact(name=f"AUROC of pasted pieces, {name}", value=f"{area:.3f}")
                    for name, area in result.pasted_auroc.items()
                ),
                Fact(name="Threshold", value=f"{result.threshold:.4f}"),
            ),
            versions=tuple(Fact(name=k, value=v) for k, v in installed_versions().items()),
            hashes=(Fact(name="Images", value=contents),),
        ),
        publication=Publication(base_model=result.backbone, tags=("anomaly-detection",)),
    )
