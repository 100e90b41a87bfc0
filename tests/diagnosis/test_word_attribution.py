"""The words that an answer rests on, in the chapter where pictures have their maps."""

from __future__ import annotations

import numpy as np
import pytest

from tests.language import BAD, GOOD, model_folder, reviews
from topwork.data import pieces_of, read
from topwork.diagnosis.saliency import FeatureClassifier, occlusion
from topwork.diagnosis.word_attribution import leaving_out, shown_pieces, words_among
from topwork.inductive import FitSettings, fit
from topwork.inductive.fitting import Fitted

HOSTILE = "<script>alert(1)</script> =cmd|'/C' \u202efine dull bleak lazy"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """Reviews of which a few, one of them hostile, have the wrong label."""
    folder = model_folder(tmp_path_factory.mktemp("models") / "bert")
    texts, labels = reviews(60)
    texts += [HOSTILE, *(f"{word} хорошо привет плохо" for word in GOOD + BAD)]
    labels += ["good", *["bad"] * 16]
    settings = FitSettings(
        backbone=f"transformers:tiny@{folder}",
        n_folds=3,
        cache=False,
        thorough=True,
        baselines=False,
    )
    return fit(read(texts, labels), settings)


def test_pieces_are_the_text() -> None:
    for text in ("", "  ", "a b", "好的 a\n\tb", HOSTILE):
        assert "".join(pieces_of(text)) == text
    assert words_among(shown_pieces("a  b" * 200))[-1] < 500


def test_the_word_that_tells_is_found(fitted: Fitted) -> None:
    chosen = fitted.artifacts.chosen
    opened, labels = chosen.frozen.opened, fitted.model.labels
    answering = FeatureClassifier(opened.engine, chosen.head.linear)
    text = "word1 word2 fine word3 word4"
    values = occlusion(
        text, labels.index("good"), answering, covering=leaving_out(opened.preparation)
    )
    assert values.shape == (5,)
    assert values.argmax() == 2


def test_the_report_marks_words_and_lets_none_act(fitted: Fitted) -> None:
    page = fitted.model.parts.pages["report.html"]
    assert '<mark class="rests-4">' in page
    assert "The marked words are those that the prediction rests on: left out," in page
    assert "<script" not in page
    assert "\u202e" not in page
    body = page.split("<body")[1]
    for word in ("image", "picture", "camera"):
        assert word not in body, body[max(0, body.find(word) - 80) : body.find(word) + 40]


def test_texts_are_sliced_by_length_and_script(fitted: Fitted) -> None:
    names = {(s.attribute, s.value) for s in fitted.result.slices}
    assert {("script", "Latin"), ("script", "mixed")} <= names
    assert "length in characters" in {name for name, _ in names}


def test_marks_of_one_text_are_scaled_by_its_strongest_word() -> None:
    from topwork.report import piece_levels

    assert piece_levels(np.array([-1.0, 0.5, 2.0])) == [0, 1, 4]
    assert piece_levels(np.zeros(2)) == [0, 0]
