"""What an adapted model remembers of its own domains, and what its page says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.transductive.conftest import domain
from topwork.data import Dataset, read
from topwork.model import load
from topwork.transductive import Adapted, AdaptSettings, adapt


@pytest.fixture(scope="module")
def done(bundle: Path, away: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Adapted:
    place = tmp_path_factory.mktemp("adapted") / "away.topwork"
    shutil.copytree(bundle, place)
    return adapt(bundle, away, AdaptSettings(deep=False), save_to=place)


def test_other_items_of_the_domain_look_like_it(bundle: Path, done: Adapted) -> None:
    assert done.result.adapted
    more = read(*domain(7, other=True))
    before = load(bundle).evaluate(more).shift
    assert before is not None
    assert before.noticeable
    after = load(done.result.model or "").evaluate(more).shift
    assert after is not None
    assert not after.noticeable
    assert "adapted to" in after.sentence


def test_items_of_training_are_still_known(home: Path, done: Adapted) -> None:
    shift = done.model.evaluate(read(home)).shift
    assert shift is not None
    assert not shift.noticeable


def test_a_model_that_was_there_is_kept(done: Adapted) -> None:
    assert done.result.previous_model is not None
    assert Path(done.result.previous_model).name == "away.1.topwork"
    assert load(done.result.previous_model).labels == done.model.labels


def test_the_page_is_named_after_model_and_domain(done: Adapted) -> None:
    page = done.model.parts.pages["report.html"]
    assert re.search(r"<title>[^<]*home adapted to [^<]+</title>", page)
    for term in ("Ensemble agreement", "Reverse validation", "Mutual information"):
        assert term in page
    assert "image-classification" in done.model.parts.pages["README.md"]
