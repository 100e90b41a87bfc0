"""Going on from a saved model: nothing of it changes, little is forgotten, and the rest is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.conftest import draw
from topwork.cli.app import run
from topwork.data import read
from topwork.errors import BundleError, DataError, ParameterError
from topwork.inductive import FitSettings, Fitted, fit
from topwork.inductive.continual import gaussian_replay
from topwork.inductive.continual.label_space import unite
from topwork.model import Model, Rows, load, merge, summarise
from topwork.runtime.progress import silent

PLAIN = FitSettings(backbone="pixels", baselines=False)


def _draw(folder: Path, seed: int, **classes: int) -> Path:
    """Class folders; a class called ``discs_x`` holds discs."""
    rng = np.random.default_rng(seed)
    for name, n in classes.items():
        (folder / name).mkdir(parents=True)
        for i in range(n):
            draw(name.partition("_")[0], rng).save(folder / name / f"{i:03}.png")
    return folder


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the earlier model is fitted on: more images than it remembers rows."""
    return _draw(tmp_path_factory.mktemp("earlier") / "shapes", 0, discs=26, stripes=26)


@pytest.fixture(scope="module")
def bundle(images: Path, session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "shapes.topwork"
    fit(read(images), PLAIN, save_to=path)
    return path


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _draw(tmp_path_factory.mktemp("new") / "data", 1, noise=10)


@pytest.fixture(scope="module")
def continual_part(bundle: Path, noise: Path) -> Fitted:
    """One new class alone."""
    return fit(read(noise), FitSettings(start=bundle, false_alarm_rate=0.2))


def test_old_classes_are_kept_and_a_new_one_is_learnt(
    continual_part: Fitted, tmp_path: Path
) -> None:
    fresh = _draw(tmp_path / "fresh", 2, discs=12, stripes=12, noise=12)
    assert continual_part.model.labels == ["discs", "stripes", "noise"]
    recall = {c.label: c.recall.value for c in continual_part.model.evaluate(read(fresh)).per_class}
    assert min(recall.values()) >= 0.9, recall  # a head on the new class alone: 0 on the others


def test_numbers_are_those_of_held_out_answers(continual_part: Fitted, bundle: Path) -> None:
    found, artifacts = continual_part.result.continual, continual_part.artifacts
    past = load(bundle).parts.statistics
    said = artifacts.chosen.head.logits_oof.argmax(axis=1)
    codes = np.concatenate([past.rehearsal_codes, np.full(10, 2)])

    def balanced(right: np.ndarray, of: np.ndarray) -> float:
        return float(np.mean([right[of == c].mean() for c in np.unique(of)]))

    before = past.rehearsal_logits.argmax(axis=1) == past.rehearsal_codes
    assert found.basis == "recorded"
    assert (found.n_new, found.n_stored, found.n_known) == (10, 40, 0)
    assert found.old.n_items == 40
    assert found.old.before.value == pytest.approx(balanced(before, codes[:40]))
    assert found.old.after.value == pytest.approx(balanced((said == codes)[:40], codes[:40]))
    assert found.old.difference.difference == pytest.approx(
        found.old.after.value - found.old.before.value
    )
    assert found.new.after.value == pytest.approx(balanced((said == codes)[40:], codes[40:]))
    assert (found.new.before.value, found.unseen) == (0.0, None)
    assert f"{100 * found.old.before.value:.1f} % before" in found.sentence


def test_what_was_recorded_is_what_held_out_heads_said(images: Path, bundle: Path) -> None:
    fitted = fit(read(images), PLAIN)
    past, head = load(bundle).parts.statistics, fitted.artifacts.chosen.head
    rows = {
        row.tobytes(): said for row, said in zip(past.rehearsal, past.rehearsal_logits, strict=True)
    }
    features = fitted.artifacts.chosen.frozen.features
    mine = [i for i, row in enumerate(features) if row.tobytes() in rows]
    assert len(mine) >= 40
    for i in mine:
        np.testing.assert_allclose(head.logits_oof[i], rows[features[i].tobytes()], atol=1e-4)


def test_the_model_is_complete_and_can_be_gone_on_from_again(
    continual_part: Fitted, noise: Path, tmp_path: Path
) -> None:
    first = continual_part.model.save(tmp_path / "first.topwork")
    model = load(first)
    past = model.parts.statistics
    assert past.counts.tolist() == [26, 26, 10]
    assert np.bincount(past.rehearsal_codes).tolist() == [20, 20, 10]
    assert past.rehearsal_logits.shape == (50, 3)
    assert past.saw(continual_part.artifacts.chosen.frozen.extraction.keys) == 10
    assert len(past.codes) == len(past.groups) == 62
    assert model.card.sets is not None
    assert model.card.unknown_threshold is not None
    assert model.card.started_from.labels == ["discs", "stripes"]
    assert (model.card.started_from.n_items, model.card.started_from.n_added) == (52, 10)
    data = _draw(tmp_path / "more", 3, discs=8, stripes_x=6)
    again = fit(read(data), FitSettings(start=first), save_to=first)  # in its place
    found = again.result.continual
    assert load(first).labels == ["discs", "stripes", "noise", "stripes_x"]
    assert (found.unseen.n_items, found.stored.n_items, found.new.n_items) == (8, 50, 6)
    assert found.old.n_items == 58
    lineage = load(first).card.started_from
    assert lineage.identity == model.identity
    assert lineage.earlier.labels == ["discs", "stripes"]
    assert load(first).parts.statistics.counts.tolist() == [34, 26, 10, 6]
    assert "Before and after" in load(first).parts.pages["report.html"]


def test_the_earlier_model_is_not_changed(bundle: Path, noise: Path) -> None:
    before = {file.name: file.read_bytes() for file in bundle.iterdir()}
    fit(read(noise), FitSettings(start=bundle))
    assert {file.name: file.read_bytes() for file in bundle.iterdir()} == before


def test_images_that_it_has_seen_flatter_nothing(
    bundle: Path, images: Path, tmp_path: Path
) -> None:
    """Half of them again, with new ones: known ones lie in the fold of what is remembered."""
    data = _draw(tmp_path / "data", 4, discs=6, noise=8)
    for name in ("discs", "stripes"):
        (data / name).mkdir(exist_ok=True)
        for file in sorted((images / name).iterdir())[:13]:
            shutil.copyfile(file, data / name / f"again-{file.name}")
    fitted = fit(read(data), FitSettings(start=bundle))
    found, artifacts = fitted.result.continual, fitted.artifacts
    assert (found.n_new, found.n_known) == (40, 26)
    assert found.n_left_out >= 26
    assert found.old.n_items == 40 + found.unseen.n_items
    assert any("left out" in warning for warning in found.warnings)
    assert fitted.model.parts.statistics.counts.tolist() == [32, 26, 8]
    rows = artifacts.chosen.frozen.features
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    same = rows[40:] @ rows[:40].T > 0.9999
    for new, old in np.argwhere(same):
        assert artifacts.folds[0][40 + new] == artifacts.folds[0][old]
    assert same.any()


def test_without_recorded_answers_heads_are_refitted(
    bundle: Path, noise: Path, tmp_path: Path
) -> None:
    model = load(bundle)
    past = replace(model.parts.statistics, rehearsal_logits=np.empty((0, 0), np.float32))
    path = Model(replace(model.parts, statistics=past)).save(tmp_path / "m.topwork")
    found = fit(read(noise), FitSettings(start=path)).result.continual
    assert found.basis == "refitted"
    assert any("no out-of-fold predictions" in warning for warning in found.warnings)
    assert found.old.before.value >= 0.9


@pytest.fixture(scope="module")
def tuned(session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose network was trained, from weights that are no longer there."""
    import torch
    from safetensors.torch import save_file

    from topwork.backbones.sources.timm import build

    folder = tmp_path_factory.mktemp("tuned")
    torch.manual_seed(7)
    tensors = build("lcnet_050", n_classes=0).state_dict()
    save_file({name: t.contiguous() for name, t in tensors.items()}, folder / "w.safetensors")
    weights = f"timm:lcnet_050@{folder / 'w.safetensors'}"
    settings = replace(PLAIN, backbone=weights, strategy="partial")
    path = folder / "tuned.topwork"
    # too few images to compare models on, so that the trained one is taken
    fit(read(_draw(folder / "few", 5, discs=12, stripes=12)), settings, save_to=path)
    assert load(path).card.strategy == "partial"
    (folder / "w.safetensors").unlink()
    return path


def test_a_trained_network_is_used_as_it_is(tuned: Path, noise: Path, tmp_path: Path) -> None:
    before = load(tuned)
    assert len(tw.SearchIndex.open(tuned).search(read(noise).items[0].path, top=3).results) == 3
    fitted = fit(read(noise), FitSettings(start=tuned), save_to=tmp_path / "m")
    after = load(tmp_path / "m")
    assert after.card.backbone_fingerprint == before.card.backbone_fingerprint
    assert after.card.strategy == "partial"
    items = read(noise).items
    np.testing.assert_allclose(
        after.predictions(items, progress=silent).features,
        before.predictions(items, progress=silent).features,
        rtol=1e-3,
        atol=1e-4,
    )
    assert fitted.result.continual.basis == "refitted"
    assert any("optimistic" in warning for warning in fitted.result.continual.warnings)


def test_scikit_learn_conventions(bundle: Path) -> None:
    rng = np.random.default_rng(5)
    pictures = [np.asarray(draw("noise", rng)) for _ in range(6)]
    classifier = tw.ImageClassifier(start=bundle).fit(pictures, ["noise"] * 6)
    assert classifier.classes_.tolist() == ["discs", "stripes", "noise"]
    assert classifier.predict(pictures[:1]).tolist() == ["noise"]


# what is refused


def _changed(bundle: Path, path: Path, **card: object) -> Path:
    model = load(bundle)
    parts = replace(model.parts, card=model.card.model_copy(update=card))
    return Model(parts).save(path)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"backbone_fingerprint": "another"}, "other_features"),
        ({"framing": None}, "other_features"),
    ],
)
def test_features_can_not_be_others(
    bundle: Path, noise: Path, tmp_path: Path, change: dict, code: str
) -> None:
    if "framing" in change:
        change = {"framing": replace(load(bundle).card.framing, crop_fraction=0.5)}
    path = _changed(bundle, tmp_path / "m.topwork", **change)
    with pytest.raises(BundleError, match="can't be used with new items") as caught:
        fit(read(noise), FitSettings(start=path))
    assert caught.value.code == code


def test_a_model_that_remembers_nothing(bundle: Path, noise: Path, tmp_path: Path) -> None:
    model = load(bundle)
    past = model.parts.statistics
    rows = {name: value[:0] for name, value in asdict(past).items() if "rehearsal" in name}
    empty = replace(past, **rows)
    path = Model(replace(model.parts, statistics=empty)).save(tmp_path / "m.topwork")
    with pytest.raises(BundleError, match="holds no features"):
        fit(read(noise), FitSettings(start=path))


def test_a_folder_that_is_no_model(images: Path, noise: Path) -> None:
    with pytest.raises(BundleError, match="is not a model"):
        fit(read(noise), FitSettings(start=images))


def test_a_model_of_a_newer_version(bundle: Path, noise: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bundle, tmp_path / "m.topwork"))
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "schema_version": 99}))
    with pytest.raises(BundleError, match="newer version of topwork"):
        fit(read(noise), FitSettings(start=copy))


def test_nothing_new(bundle: Path, images: Path) -> None:
    with pytest.raises(DataError, match="were already used to train") as caught:
        fit(read(images), FitSettings(start=bundle))
    assert caught.value.code == "nothing_new"


def test_nothing_that_can_be_read(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "a").mkdir(parents=True)
    (tmp_path / "data" / "a" / "x.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="1 of 1 items cannot be read"):
        fit(read(tmp_path / "data"), FitSettings(start=bundle, max_bad=1.0))


def test_no_labels(bundle: Path, noise: Path) -> None:
    paths = [item.path for item in read(noise).items]
    with pytest.raises(DataError, match="no labels"):
        fit(read(paths), FitSettings(start=bundle))


@pytest.mark.parametrize(
    "wrong",
    [{"backbone": "resnet50"}, {"geometry": "pad"}, {"strategy": "auto"}, {"thorough": True}],
)
def test_what_the_model_decides(wrong: dict) -> None:
    with pytest.raises(ParameterError, match="when continuing from a model") as caught:
        FitSettings(start="m.topwork", **wrong)
    assert "without --from" in caught.value.remedy


# classes


def test_labels_are_united() -> None:
    found = unite(["b", "a"], ("a", "c"))
    assert (found.labels, found.n_old, found.of_new.tolist()) == (("b", "a", "c"), 2, [1, 2])
    assert found.warnings == ()
    numbers = unite([3, 1], ("1", "7"))
    assert (numbers.labels, numbers.of_new.tolist()) == ((3, 1, 7), [1, 2])
    with pytest.raises(DataError, match="another type"):
        unite([3, 1], ("cat",))


def test_blanks_around_a_label_are_no_part_of_it() -> None:
    found = unite(["Cat", "dog"], (" Cat", "owl"))
    assert (len(found.labels), found.of_new.tolist(), found.warnings) == (3, [0, 2], ())


@pytest.mark.parametrize("label", ["cat", "CAT"])
def test_labels_that_look_alike_are_two_classes_and_said_so(label: str) -> None:
    found = unite(["Cat", "dog"], (label, "owl"))
    assert len(found.labels) == 4
    assert found.warnings == (f"'Cat' and {label!r} are treated as two classes.",)


# statistics


def _rows(rng: np.random.Generator, codes: np.ndarray, d: int = 6) -> np.ndarray:
    turn = np.linspace(0.5, 2, d)
    return (rng.normal(size=(len(codes), d)) * turn + 3 * codes[:, None]).astype(np.float32)


def _summary(x: np.ndarray, codes: np.ndarray, k: int):
    keys = [row.tobytes()[:16] for row in x]
    groups = np.arange(len(x))
    logits = np.zeros((len(x), k), np.float32)
    return summarise(x, codes, k, keys, groups=groups, seed=0, logits=logits)


def test_merged_statistics_are_those_of_all_items() -> None:
    rng = np.random.default_rng(0)
    old, new = np.repeat([0, 1], [50, 30]), np.repeat([1, 2], [25, 12])
    x, y = _rows(rng, old), _rows(rng, new) + np.float32(0.4)
    past, whole = _summary(x, old, 2), _summary(np.r_[x, y], np.r_[old, new], 3)
    r = len(past.rehearsal)
    rows = Rows(
        features=np.r_[past.rehearsal, y],
        codes=np.r_[past.rehearsal_codes, new],
        groups=np.arange(r + len(y)) + 1000,
        added=np.arange(r + len(y)) >= r,
        keys=[row.tobytes()[:16] for row in y],
        logits=np.zeros((r + len(y), 3), np.float32),
    )
    merged = merge(past, rows, 3, seed=0)
    np.testing.assert_array_equal(merged.counts, whole.counts)
    np.testing.assert_allclose(merged.means, whole.means, atol=1e-5)
    np.testing.assert_allclose(merged.covariance, whole.covariance, atol=1e-4)
    np.testing.assert_array_equal(merged.keys, whole.keys)
    np.testing.assert_array_equal(np.sort(merged.codes), np.sort(whole.codes))
    assert np.bincount(merged.rehearsal_codes).tolist() == [20, 20, 12]
    assert len(merged.rehearsal_logits) == 52
    # of class 1, 20 rows that stand for 30 items and 25 that stand for themselves
    of_1 = [merge(past, rows, 3, seed=seed).rehearsal_groups for seed in range(60)]
    share = np.mean([((g >= 1020) & (g < 1040)).sum() / 20 for g in of_1])
    assert share == pytest.approx(30 / 55, abs=0.1)


def test_stand_ins_are_drawn_like_the_items_that_are_gone(monkeypatch) -> None:
    """Exactly their means and covariance, whatever lies at hand."""
    monkeypatch.setattr(gaussian_replay, "MAX_OF_A_CLASS", 20_000)
    monkeypatch.setattr(gaussian_replay, "MAX_IN_ALL", 100_000)
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], [4000, 6000])
    x = _rows(rng, codes, 3)
    x[:50] += 40  # odd ones that are at hand must not show
    past = _summary(x, codes, 2)
    at_hand = np.arange(len(x)) < 50
    found = gaussian_replay.gaussian_replay(past, x, codes, at_hand=at_hand, seed=0)
    assert np.bincount(found.codes).tolist() == [3950, 6000]
    assert found.sample_weight.tolist() == [1.0] * 9950
    for c in (0, 1):
        gone = x[~at_hand & (codes == c)]
        drawn = found.features[found.codes == c]
        np.testing.assert_allclose(drawn.mean(0), gone.mean(0), atol=0.1)
        np.testing.assert_allclose(np.cov(drawn.T), np.cov(gone.T), atol=0.3)


def test_nothing_stands_in_where_nothing_is_gone() -> None:
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], 5)
    x = _rows(rng, codes)
    past = _summary(x, codes, 2)
    found = gaussian_replay.gaussian_replay(past, x, codes, at_hand=np.ones(10, bool), seed=0)
    assert found.features.shape == (0, 6)


# the command


def test_the_command(bundle: Path, noise: Path, tmp_path: Path, capsys: Callable) -> None:
    out = tmp_path / "m.topwork"
    arguments = ["fit", str(noise), "--from", str(bundle), "-o", str(out)]
    assert run([*arguments, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["continual"]["new_labels"] == ["noise"]
    assert run(arguments) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "10 new images and 40 stored ones of 3 classes" in told
    assert said["continual"]["sentence"] in told
    assert "--strategy auto" not in told


@pytest.mark.parametrize("option", [["--backbone", "packaged:efficientnet_lite0"]])
def test_the_command_refuses_even_the_usual_backbone(
    bundle: Path, noise: Path, capsys: Callable, option: list[str]
) -> None:
    assert run(["fit", str(noise), "--from", str(bundle), *option]) == 2
    assert (
        "backbone cannot be 'packaged:efficientnet_lite0' when continuing from a model"
        in capsys.readouterr().err
    )
