"""Which items to label so that accuracy before and after is bounded, and what the labels say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from pydantic import ValidationError

from topwork.data.modality import modality_with
from topwork.data.tables.cells import inert, inert_path, write_table
from topwork.errors import DataError
from topwork.features.opened_backbone import FrozenPart
from topwork.metrics.records import Record
from topwork.selection.audit import NO_CLASS, AuditPlan, AuditResult, audited, plan_audit
from topwork.transductive.few_labels import FewLabels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from topwork.data import Item
    from topwork.model import Model


class AuditSheet(Record):
    """Items that wait for labels.

    Parameters
    ----------
    identity
        Of the model that was audited.
    plan
        How they were drawn.
    column
        ``path``, or ``text`` for texts.
    items
        The paths or texts, in the order of the plan.
    keys
        Their content keys, hexadecimal.
    """

    identity: str
    plan: AuditPlan
    column: str
    items: tuple[str, ...]
    keys: tuple[str, ...]

    def write(self, table: Path) -> Path:
        """A table to be filled in, and the plan beside it: ``NAME.csv`` and ``NAME.json``.

        What the models say is not in the table, so that nobody is led by it.
        """
        table.parent.mkdir(parents=True, exist_ok=True)
        write_table(table, [self.column, "label"], ([self._cell(i, table), ""] for i in self.items))
        table.with_suffix(".json").write_text(self.model_dump_json() + "\n", "utf-8")
        return table

    def _cell(self, item: str, table: Path) -> str:
        """An item as it is read from the table again, without being a formula to a spreadsheet."""
        if modality_with(self.column).inline:
            return inert(item)
        return inert_path(os.path.relpath(item, table.parent))

    @classmethod
    def beside(cls, table: Path) -> Self | None:
        """The plan beside a table; None where there is none.

        Raises
        ------
        DataError
            There is a file of its name that is something else.
        """
        file = table.with_suffix(".json")
        if table.suffix != ".csv" or not file.is_file():
            return None
        try:
            return cls.model_validate_json(file.read_text("utf-8"))
        except (ValidationError, UnicodeDecodeError) as error:
            raise DataError(
                f"{file} is not the plan of an audit.",
                remedy="Rename it, or give the labels in a table of another name.",
                code="bad_plan",
            ) from error

    def bounds(self, few: FewLabels, model: Model) -> AuditResult:
        """Accuracy of both models on all items, from the labels of those in the plan.

        On an item whose label the model doesn't know, both are wrong.

        Raises
        ------
        DataError
            A stratum has no labels, or another model was audited.
        """
        if model.identity != self.identity:
            raise DataError(
                "The items to label were chosen for another model.",
                remedy="Adapt that one, or let --audit choose again for this one.",
                code="other_model",
            )
        known = {key.hex(): int(code) for key, code in zip(few.keys, few.codes, strict=True)}
        known.update((key.hex(), NO_CLASS) for key in few.others)
        labelled = np.array([key in known for key in self.keys])
        codes = np.array([known.get(key, 0) for key in self.keys])
        return audited(self.plan, codes, labelled=labelled)


def plan_sheet(
    models: tuple[Model, Model],
    before: NDArray[np.integer],
    after: NDArray[np.integer],
    target: FrozenPart,
    *,
    n: int,
    seed: int,
) -> AuditSheet:
    """Choose n of the target's items by what the old and the new model say of them, ``(m,)``.

    Parameters
    ----------
    before, after
        Codes by the features that adapting has, which may be rounded. The audit is about what the
        models answer, so they are asked again about the items that are chosen.
    """
    plan = plan_audit(before, after, n, seed=seed)
    kind, some = target.data.kind, [target.data.items[i] for i in plan.positions]
    predictions = [
        _asked(model, some, codes)
        for model, codes in zip(models, (plan.before, plan.after), strict=True)
    ]
    plan = plan.said(*predictions)
    inline = kind.inline
    return AuditSheet(
        identity=models[0].identity,
        plan=plan,
        column=kind.column,
        items=tuple(kind.caption(item) if inline else item.name for item in some),
        keys=tuple(target.extraction.keys[i].hex() for i in plan.positions),
    )


def _asked(model: Model, items: list[Item], codes: Sequence[int]) -> list[int]:
    """What a model answers of the items; as it was for those that cannot be read any more."""
    predictions, said = list(codes), model.predictions(items)
    for position, code in zip(said.kept, said.codes, strict=True):
        predictions[position] = int(code)
    return predictions
