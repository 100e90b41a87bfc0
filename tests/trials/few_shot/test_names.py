"""Names of classes as training texts, where they say something."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from topwork.data import read
from topwork.heads.few_shot.names import names_match
from topwork.inductive import FitSettings, fit
from topwork.inductive.fitting import Fitted
from topwork.trials.few_shot import names_of
from topwork.validation import cross_validate_head

NAMED = "the names of the classes as training texts"
SAID = {
    "lost parcel": ["my package never came", "where is the delivery", "the box has not arrived"],
    "stolen card": ["a thief took my bank card", "someone has robbed my card", "card was stolen"],
    "wrong password": ["I cannot log in", "my login is refused", "the passphrase is not accepted"],
    "bad weather": ["it rains all day", "a storm is coming", "heavy snow and wind tonight"],
    "broken phone": [
        "the screen is cracked",
        "my mobile does not turn on",
        "handset fell, now dead",
    ],
    "good food": ["a tasty dinner", "the soup was delicious", "what a lovely meal"],
}


def _items(shots: int, names: dict[str, str] | None = None) -> tuple[list[str], list[str]]:
    found = [(text, name) for name, texts in SAID.items() for text in texts[:shots]]
    return [text for text, _ in found], [(names or {}).get(name, name) for _, name in found]


def _fit(shots: int, names: dict[str, str] | None = None) -> Fitted:
    return fit(read(*_items(shots, names), items="text"), FitSettings(baselines=False))


def _shuffled() -> dict[str, str]:
    names = list(SAID)
    return dict(zip(names, names[1:] + names[:1], strict=True))


def _right(fitted: Fitted, names: dict[str, str] | None = None) -> float:
    texts, labels = _items(3, names)
    return float(np.mean(fitted.model.predict(texts) == np.array(labels)))


@pytest.mark.parametrize("shots", [1, 2])
def test_names_that_say_something_are_learnt_from(shots: int, monkeypatch) -> None:
    named = _fit(shots)
    assert named.artifacts.chosen.candidate.name == NAMED
    monkeypatch.setattr(
        importlib.import_module("topwork.inductive.fitting"), "_few_shot", lambda *_: []
    )
    plain = _fit(shots)
    assert _right(named) >= _right(plain)


@pytest.mark.parametrize(
    "names", [_shuffled(), {name: f"c{i}" for i, name in enumerate(SAID)}], ids=["other", "codes"]
)
def test_names_that_say_nothing_are_not(names: dict[str, str]) -> None:
    tried = [trial.candidate.name for trial in _fit(2, names).artifacts.trials]
    assert NAMED not in tried


def test_a_model_with_names_is_saved_as_any_other(tmp_path) -> None:
    import topwork as tw

    fitted = _fit(1)
    fitted.model.save(tmp_path / "m.topwork")
    again = tw.load(tmp_path / "m.topwork")
    texts, _ = _items(3)
    gap = again.predict_proba(texts) - fitted.model.predict_proba(texts)
    assert np.abs(gap).max() < 1e-5


def test_meaningless_names_pass_in_one_of_twenty_cases() -> None:
    rng, passed = np.random.default_rng(0), []
    codes = np.repeat(np.arange(7), 3)
    for _ in range(200):
        X = rng.normal(size=(7, 20))[codes] + 0.5 * rng.normal(size=(21, 20))
        passed.append(names_match(X, codes, rng.normal(size=(7, 20))) <= 0.05)
    assert np.mean(passed) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_names_of_their_classes_are_found_from_one_item_each() -> None:
    rng, found = np.random.default_rng(0), []
    codes = np.arange(8)
    for _ in range(100):
        centres = rng.normal(size=(8, 20))
        X = centres + rng.normal(size=(8, 20))
        found.append(names_match(X, codes, centres + rng.normal(size=(8, 20))) <= 0.05)
    assert np.mean(found) >= 0.95


def test_two_or_three_names_are_too_few_to_tell() -> None:
    assert names_match(np.eye(3), np.arange(3), np.eye(3)) == 1.0


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["card_arrival", "lostCard"], ["card arrival", "lost card"]),
        (["B1", "B2"], None),
        ([0, 1], None),
        (["été chaud", "hiver"], ["été chaud", "hiver"]),
    ],
)
def test_labels_that_are_words(labels: list, names: list | None) -> None:
    assert names_of(labels) == names


@pytest.mark.parametrize("head", ["logistic", "centroid", "majority"])
def test_rows_of_no_fold_are_learnt_from_and_not_judged(head) -> None:
    """As if every fold's fit were made by hand."""
    from topwork.heads import fit_centroid, fit_logistic, softmax

    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(3), 10)
    X = (np.eye(3, 8)[codes] + 0.4 * rng.normal(size=(30, 8))).astype(np.float32)
    folds = np.tile([0, 1, 2, 3, -1], 6)
    found = cross_validate_head(X, codes, 3, folds=folds, head=head, search=False)
    for fold in range(4):
        rest, own = folds != fold, folds == fold
        if head == "majority":
            expected = np.log(np.bincount(codes[rest]) / rest.sum())[None].repeat(own.sum(), 0)
        else:
            fits = {"logistic": fit_logistic, "centroid": fit_centroid}[head]
            expected = fits(X[rest], codes[rest], 3).logits(X[own])
        assert np.abs(softmax(found.logits_oof[own]) - softmax(expected)).max() < 0.03
    assert (found.logits_oof[folds < 0] == 0).all()
