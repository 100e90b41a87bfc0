"""``rank``, ``check`` and long texts on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.language import model_folder, reviews
from topwork.backbones import DEFAULT_FOR, resolve
from topwork.backbones.windowed import WINDOW
from topwork.cli.app import run
from topwork.data import read
from topwork.errors import BackboneError
from topwork.inductive import FitSettings, fit
from topwork.ranking import backbone_candidate
from topwork.trials.word_features import word_features, words_in


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"transformers:tiny@{model_folder(tmp_path_factory.mktemp('models') / 'bert')}"


def written(folder: Path, texts: list[str], labels: list[str]) -> Path:
    file = folder / "reviews.tsv"
    rows = [f"{text}\t{label}" for text, label in zip(texts, labels, strict=True)]
    file.write_text("\n".join(["text\tlabel", *rows]) + "\n", "utf-8")
    return file


def test_rank_compares_words_with_networks(backbone, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setitem(backbone_candidate.LISTS["text"], "shortlist", ("tfidf", backbone))
    file = written(tmp_path, *reviews(80))
    assert run(["rank", str(file), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["modality"] == "text"
    assert {one["backbone"] for one in said["backbones"]} == {"tfidf", backbone}
    assert said["n_used"] == 80
    assert run(["rank", str(file), "--max-items", "40"]) == 0
    shown = capsys.readouterr().out
    assert "40 of 80 texts" in shown
    assert "image" not in shown
    assert f"--backbone {backbone}" in shown.replace("\n", "")


def test_words_alone_are_no_ranking(tmp_path, capsys) -> None:
    file = written(tmp_path, *reviews(20))
    assert run(["rank", str(file), "--backbones", "tfidf"]) == 2
    assert "nothing but tfidf" in capsys.readouterr().err


def test_the_best_of_a_ranking_is_a_network_for_fit(backbone, monkeypatch) -> None:
    monkeypatch.setitem(backbone_candidate.LISTS["text"], "shortlist", ("tfidf", backbone))
    settings = FitSettings(backbone="auto", cache=False, n_folds=2)
    assert fit(read(*reviews(40)), settings).result.asked == backbone


def test_dense_words_compare_texts_as_sparse_ones_do() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = reviews(30)[0]
    theirs = TfidfVectorizer(binary=True, ngram_range=(1, 2), vocabulary=words_in(texts).grams)
    theirs = theirs.fit_transform(texts)
    ours = word_features(texts)
    np.testing.assert_allclose(ours @ ours.T, (theirs @ theirs.T).toarray(), atol=1e-5)


def test_check_writes_a_table_that_fit_reads(backbone, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setitem(DEFAULT_FOR, "text", backbone)
    texts, labels = reviews(40)
    texts += [texts[0].upper(), texts[1], "fine " * 90]
    labels += [labels[0], "bad" if labels[1] == "good" else "good", "good"]
    file, out = written(tmp_path, texts, labels), tmp_path / "kept.csv"
    assert run(["check", str(file), "--write", str(out)]) == 0
    shown = capsys.readouterr().out
    for row in ("readable texts", "texts that exceed the maximum length"):
        assert row in shown
    for word in ("image", "picture"):
        assert word not in shown
    kept = read(out)
    assert (kept.kind.name, len(kept)) == ("text", 40)
    assert kept.groups is not None
    found = [kept.kind.caption(item) for item in kept.items]
    assert texts[1] not in found
    assert len({found.index(texts[2]), found.index(texts[3])}) == 2


def test_long_texts_are_read_to_their_end(backbone, tmp_path) -> None:
    """What tells the class stands behind more words than the network takes at once."""
    texts, labels = reviews(60)
    late = [f"{'word1 ' * 45}{text}" for text in texts]
    plain = fit(read(late, labels), FitSettings(backbone=backbone, cache=False, baselines=False))
    name = backbone.replace("@", "/long@")
    long = fit(read(late, labels), FitSettings(backbone=name, cache=False, baselines=False))
    assert (plain.result.cut_short, long.result.cut_short) == (60, 0)
    assert plain.result.scores.accuracy.value < 0.7
    assert long.result.scores.accuracy.value > plain.result.scores.accuracy.value + 0.2
    loaded = long.model
    again = type(loaded)(loaded.parts, engine="torch")
    one, two = (m.predict_proba(late[:4]) for m in (loaded, again))
    np.testing.assert_allclose(one, two, atol=1e-4)
    alone = loaded.predict_proba(late[0])
    np.testing.assert_allclose(alone[0], one[0], atol=1e-4)


def test_windows_are_told_by_name(backbone) -> None:
    long = resolve(backbone.replace("@", "/long@"))
    assert long.input.max_length == min(32, WINDOW)
    assert long.name.endswith("/long")
    assert long.fingerprint != resolve(backbone).fingerprint
    with pytest.raises(BackboneError, match="does not read texts token by token"):
        resolve("packaged:efficientnet_lite0/long")


def test_long_is_refused_with_a_ranking(tmp_path, capsys) -> None:
    file = written(tmp_path, *reviews(20))
    assert run(["fit", str(file), "--backbone", "auto", "--long"]) == 2
    assert "--long cannot be given" in capsys.readouterr().err


def test_no_text_at_all_is_not_the_current_folder(
    backbone, tmp_path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, labels = reviews(40)
    out = tmp_path / "m.topwork"
    fit(read(texts, labels), FitSettings(backbone=backbone, baselines=False), save_to=out)
    (tmp_path / "lying about.txt").write_text("fine lovely")
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert run(["predict", str(out), "", "fine warm", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [p["text"] for p in found["predictions"]] == ["fine warm"]
    assert [r["reason"] for r in found["rejected"]] == ["no_text"]
