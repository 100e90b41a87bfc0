"""A few labels of the new domain: an audit bounds both models, and what is learnt from them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.transductive.conftest import SHALLOW, domain
from topwork.data import Dataset, read, read_items
from topwork.errors import DataError, ParameterError
from topwork.inductive import FitSettings, fit
from topwork.model import Model, load
from topwork.selection.audit import plan_audit
from topwork.transductive import Adapted, AdaptSettings, AuditSheet, adapt
from topwork.transductive.candidates.with_labels import ALONE, AS_IT_WAS, CLAMPED, JOINT, WITHOUT


def _accuracy(model: Model, data: Dataset) -> float:
    assert data.targets is not None
    return float((model.predict(data.items) == np.array(data.targets.values())).mean())


def _labelled_by(table: Path, items: Dataset, values: list[object]) -> list[list[str]]:
    """Rows of an audit's table, each with its true label."""
    truth = {str(Path(i.name).resolve()): str(v) for i, v in zip(items.items, values, strict=True)}
    with table.open(newline="") as stream:
        heading, *rows = csv.reader(stream)
    assert heading == ["path", "label"]
    assert not any(label for _, label in rows)
    return [[path, truth[str((table.parent / path).resolve())]] for path, _ in rows]


@pytest.fixture(scope="module")
def items(away_folder: Path) -> Dataset:
    return Dataset(read_items(away_folder), source=str(away_folder))


@pytest.fixture(scope="module")
def planned(bundle: Path, items: Dataset) -> Adapted:
    """Adapted, with a sheet of items to label."""
    return adapt(bundle, items, AdaptSettings(deep=False, audit=24))


def _write(table: Path, rows: list[list[str]]) -> None:
    with table.open("w", newline="") as stream:
        csv.writer(stream).writerows([["path", "label"], *rows])


def test_an_audit_holds_the_truth(
    bundle: Path, away: Dataset, items: Dataset, planned: Adapted, tmp_path: Path
) -> None:
    """Chosen, written, labelled by hand, read again: the intervals hold what is true of all."""
    assert away.targets is not None
    assert planned.sheet is not None
    table = planned.sheet.write(tmp_path / "audit.csv")
    rows = _labelled_by(table, items, away.targets.values())
    assert len(rows) == 24
    _write(table, rows)

    plan = AuditSheet.beside(table)
    done = adapt(bundle, items, SHALLOW, labelled=read(table), plan=plan)
    audit = done.result.audit
    assert audit is not None
    assert audit.n == 24
    assert audit.before.low <= _accuracy(load(bundle), away) <= (audit.before.high or 1)
    assert audit.after.low <= _accuracy(planned.model, away) <= (audit.after.high or 1)
    assert "estimated from 24 audit labels" in " ".join(done.result.sentences)
    assert "No score is given" not in done.model.parts.pages["report.html"]


def test_other_labels_count_as_wrong_and_a_sheet_is_for_its_model(
    bundle: Path, away: Dataset, items: Dataset, planned: Adapted, tmp_path: Path
) -> None:
    """A third of what is labelled is of no class; the rows below have no label yet."""
    assert away.targets is not None
    assert planned.sheet is not None
    table = planned.sheet.write(tmp_path / "audit.csv")
    rows = _labelled_by(table, items, away.targets.values())
    for i, row in enumerate(rows):
        row[1] = "" if i >= 18 else "a fish" if i % 3 == 0 else row[1]
    _write(table, rows)
    labelled, plan = read(table, skip_unlabelled=True), AuditSheet.beside(table)
    assert len(labelled) == 18
    found = adapt(bundle, items, SHALLOW, labelled=labelled, plan=plan).result
    assert found.audit is not None
    assert found.audit.n == 18
    assert found.n_labelled == 12
    assert found.audit.after.value < 0.8
    assert plan is not None
    foreign = plan.model_copy(update={"identity": "of another"})
    with pytest.raises(DataError, match="chosen for another model"):
        adapt(bundle, items, SHALLOW, labelled=labelled, plan=foreign)


def test_one_label_is_enough(bundle: Path, away: Dataset) -> None:
    found = adapt(bundle, away, SHALLOW, labelled=away.take([0])).result
    assert found.n_labelled == 1
    assert found.labels_say is not None
    assert not found.labels_say.ranked


def test_few_labels_are_learnt_from(bundle: Path, away: Dataset) -> None:
    """Labels of the new domain decide; all ways are told, and what ships isn't worse."""
    some = np.random.default_rng(0).permutation(len(away))[:36]
    labelled, rest = away.take(some), away.take(np.setdiff1d(np.arange(len(away)), some))
    done = adapt(bundle, rest, SHALLOW, labelled=labelled)
    said = done.result.labels_say
    assert said is not None
    assert [s.name for s in said.ranked_candidates] == [AS_IT_WAS, WITHOUT, ALONE, JOINT, CLAMPED]
    assert done.result.n_labelled == 36
    assert done.result.n_items == len(away)
    assert _accuracy(done.model, rest) > _accuracy(load(bundle), rest) + 0.1


def test_labels_do_not_leak_into_their_own_score(bundle: Path, away: Dataset) -> None:
    """With labels drawn at random, nothing that learns from them does better than guessing."""
    rng = np.random.default_rng(0)
    assert away.targets is not None
    values = list(rng.permutation(away.targets.values()))
    wrong = read([item.value for item in away.items], values)
    said = adapt(bundle, away, SHALLOW, labelled=wrong).result.labels_say
    assert said is not None
    assert max(s.score for s in said.ranked_candidates) < 0.5


def test_too_few_labels_take_nothing_that_does_worse_on_them(bundle: Path, away: Dataset) -> None:
    """The model as it was is right on all of these labels; what learns from the others is not."""
    predicted = load(bundle).predict(away.items)
    assert len(set(predicted)) > 1
    some = np.random.default_rng(1).permutation(len(away))[:20]
    labelled = read([away.items[i].value for i in some], [str(predicted[i]) for i in some])
    result = adapt(bundle, away, SHALLOW, labelled=labelled).result
    assert result.shift == "covariate_shift"
    assert result.labels_say is not None
    assert not result.labels_say.ranked
    scores = {one.name: one.score for one in result.labels_say.ranked_candidates}
    assert scores[AS_IT_WAS] == 1
    assert scores[CLAMPED] < 1
    assert scores[result.labels_say.chosen] == 1
    assert result.labels_say.chosen in " ".join(result.sentences)


def test_labels_of_the_same_domain(bundle: Path) -> None:
    """Where no shift is, labels too few to rank anything by change nothing."""
    pictures, labels = domain(2, other=False)
    some = read(pictures[::6], labels[::6])
    done = adapt(bundle, Dataset(read_items(pictures)), SHALLOW, labelled=some)
    assert done.result.shift == "none"
    assert not done.result.adapted
    assert done.result.labels_say is not None
    assert not done.result.labels_say.ranked
    assert done.result.labels_say.reason in " ".join(done.result.sentences)
    assert _accuracy(done.model, read(pictures, labels)) >= 0.9


def test_labels_that_the_model_does_not_know(bundle: Path, away: Dataset) -> None:
    odd = read(domain(2, other=True)[0][:4], ["unheard of", "never"] * 2)
    with pytest.raises(DataError, match="none of the labels"):
        adapt(bundle, away, labelled=odd)
    with pytest.raises(DataError, match="have no labels"):
        adapt(bundle, away, labelled=Dataset(read_items(domain(2, other=True)[0])))


def test_bad_settings_and_plans(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="audit cannot be 3"):
        AdaptSettings(audit=3)
    table = tmp_path / "audit.csv"
    assert AuditSheet.beside(table) is None
    table.with_suffix(".json").write_text("{}")
    with pytest.raises(DataError, match="not the plan"):
        AuditSheet.beside(table)


def test_a_sheet_is_no_spreadsheet_of_formulas(tmp_path: Path) -> None:
    texts = ("=cmd|' /C calc'!A0", "a fine film")
    plan = plan_audit(np.zeros(8, int), np.arange(8) % 2, 4)
    sheet = AuditSheet(identity="", plan=plan, column="text", items=texts, keys=("00", "01"))
    with sheet.write(tmp_path / "deep" / "audit.csv").open(newline="") as stream:
        _, *rows = csv.reader(stream)
    assert [text for text, _ in rows] == [" =cmd|' /C calc'!A0", "a fine film"]
    assert AuditSheet.beside(tmp_path / "deep" / "audit.csv") == sheet


def test_a_threshold_counts_in_what_the_models_are_said_to_answer(bundle: Path) -> None:
    """Of two classes the dearer one is said sooner; the audit is about those answers."""
    pictures, labels = domain(0, other=False)
    two = [i for i, label in enumerate(labels) if label != "rings"]
    data = read([pictures[i] for i in two], [labels[i] for i in two])
    start = load(bundle).card.backbone
    model = fit(
        data, FitSettings(backbone=start, baselines=False, costs={"checks": 1.0, "stripes": 400.0})
    ).model
    assert model.card.threshold is not None
    new, _ = domain(5, other=True)
    items = Dataset(read_items(new))
    done = adapt(model, items, AdaptSettings(deep=False, audit=40))
    assert done.sheet is not None
    plan = done.sheet.plan
    for said, of in ((plan.before, model), (plan.after, done.model)):
        codes = of.predictions([items.items[i] for i in plan.positions]).codes
        assert codes.tolist() == list(said)
