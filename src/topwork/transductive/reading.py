"""The items of the new domain, those with labels among them."""

from __future__ import annotations

from topwork.data import Dataset
from topwork.errors import DataError
from topwork.features import FeatureRequest
from topwork.features.opened_backbone import FrozenPart, OpenedBackbone, read_once
from topwork.model import Model
from topwork.runtime.run_context import RunContext
from topwork.settings import AdaptSettings
from topwork.shift.permutations import MIN
from topwork.transductive.few_labels import FewLabels, few_labels


def read_target(
    data: Dataset,
    start: Model,
    opened: OpenedBackbone,
    context: RunContext[AdaptSettings],
    *,
    labelled: Dataset | None,
    extra_requests: FeatureRequest,
) -> tuple[FrozenPart, FewLabels | None]:
    """The items without labels together with the few that have one, and where these are.

    The same image counts once, by its content. What ``extra_requests`` ask for is taken
    from the items while they are open.

    Raises
    ------
    DataError
        Too few can be read, or no label is known.
    """
    plain = data.without_targets()
    target = _part(plain, opened, context, "Features", extra_requests)
    if labelled is None:
        return _enough(target), None
    few = _part(labelled, opened, context, "Features of labelled items", extra_requests)
    there = set(target.extraction.keys)
    keyed = zip(few.data.items, few.extraction.keys, strict=True)
    more = [item for item, key in keyed if key not in there]
    if more:
        both = Dataset([*target.data.items, *more], kind=plain.kind, source=plain.source)
        target = _part(both, opened, context, "Features", extra_requests)
    return _enough(target), few_labels(few, target, start)


def _part(
    data: Dataset,
    opened: OpenedBackbone,
    context: RunContext[AdaptSettings],
    step: str,
    extra_requests: FeatureRequest,
) -> FrozenPart:
    extraction = read_once(
        data,
        opened.request,
        extra_requests=[extra_requests],
        max_bad=context.settings.max_bad,
        progress=context.steps(step),
    )
    return opened.part(data, extraction)


def _enough(target: FrozenPart) -> FrozenPart:
    if len(target.data) < MIN:
        raise DataError(
            f"There are {len(target.data)} unlabelled items that can be read.",
            remedy=f"Adapting takes at least {MIN}; some hundred are much better.",
            code="too_few_items",
        )
    return target
