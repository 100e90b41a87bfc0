"""Clusters of images and texts: found or not, named, saved, and the same for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import topwork as tw
from topwork.data import Dataset, read_any
from topwork.errors import BundleError, DataError, ParameterError
from topwork.model import ClusterModel
from topwork.settings import ClusterSettings
from topwork.unsupervised.clustering.fitting import Clustered, cluster
from topwork.unsupervised.clustering.grouping import by_size, chosen_number
from topwork.unsupervised.clustering.naming import distinctive_words, told_apart

SETTINGS = ClusterSettings(backbone="pixels", n_clusters=3)


@pytest.fixture(scope="module")
def images(drawn: Path) -> Dataset:
    return read_any(drawn)


@pytest.fixture(scope="module")
def clustered(
    images: Dataset, session_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Clustered:
    return cluster(images, SETTINGS, save_to=tmp_path_factory.mktemp("clusters") / "m.topwork")


def test_images_of_three_kinds_form_groups(images: Dataset) -> None:
    """The network tells stripes, discs and noise apart without labels, and finds their number."""
    found = cluster(images)
    kinds = [Path(item.name).parent.name for item in found.evidence.frozen.data.items]
    assert found.result.structure.found
    assert (found.result.k, found.result.stands_out) == (3, True)
    pairs = set(zip(kinds, found.evidence.codes.tolist(), strict=True))
    assert len(pairs) == 3
    assert all(c.stability.value > 0.8 for c in found.result.clusters)
    assert found.result.sentences[0].startswith("These images form groups (p = 0.0")


def test_one_cloud_is_no_groups() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (60, 16, 16, 3), dtype=np.uint8)
    found = cluster(read_any(list(noise)), ClusterSettings(backbone="pixels", cache=False)).result
    assert not found.structure.found
    assert found.sentences[0].startswith("No groups are shown (p = ")
    assert found.stands_out is False
    assert found.sentences[1].startswith("No number of clusters stands out between 2 and 10")


def test_the_saved_model_gives_the_same_clusters(clustered: Clustered, images: Dataset) -> None:
    model = tw.load(clustered.result.model)
    assert isinstance(model, ClusterModel)
    assert model.predict(images.items).tolist() == clustered.evidence.codes.tolist()
    one_by_one = [int(model.predict([item])[0]) for item in images.items[:5]]
    assert one_by_one == clustered.evidence.codes[:5].tolist()
    again = model.predictions(images.items)
    assert again.outliers.tolist() == clustered.evidence.outliers.tolist()
    assert (again.seconds != again.codes).all()
    assert again.columns()["name"][0] == model.names[again.codes[0]]


def test_the_order_of_items_and_repeated_ones_change_nothing(
    clustered: Clustered, images: Dataset
) -> None:
    backwards = cluster(images.take(range(len(images) - 1, -1, -1)), SETTINGS)
    assert backwards.evidence.codes[::-1].tolist() == clustered.evidence.codes.tolist()
    assert backwards.model.names == clustered.model.names
    twice = cluster(Dataset([*images.items, *images.items[:20]], kind=images.kind), SETTINGS)
    assert twice.evidence.codes[: len(images)].tolist() == clustered.evidence.codes.tolist()
    assert (twice.result.n_items, twice.result.n_distinct) == (56, 36)
    assert twice.result.n_copies >= 20


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_nothing(
    clustered: Clustered, images: Dataset, threads: int
) -> None:
    with threadpool_limits(threads):
        found = cluster(images, SETTINGS)
    assert found.evidence.codes.tolist() == clustered.evidence.codes.tolist()


def test_a_model_whose_head_has_other_clusters_is_not_saved(
    clustered: Clustered, tmp_path: Path
) -> None:
    from dataclasses import replace

    from topwork.model.storage.saving import write_bundle

    parts = clustered.model.parts
    other = replace(parts, space=replace(parts.space, centres=parts.space.centres[::-1].copy()))
    with pytest.raises(BundleError, match="other clusters"):
        write_bundle(other, tmp_path / "m.topwork")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("items", "settings", "said"),
    [
        (["one text", "two texts"], {}, "2 texts can be read"),
        (["the same text"] * 30, {}, "All 30 texts have the same content"),
        ([f"text {i % 9}" for i in range(30)], {}, "Only 9 of the 30 texts differ"),
    ],
)
def test_too_few_items_are_refused(items: list[str], settings: Any, said: str) -> None:
    with pytest.raises(DataError, match=said) as refused:
        cluster(read_any(items, items="text"), ClusterSettings(**settings))
    assert "at least 20 different ones" in refused.value.remedy


def test_more_clusters_than_half_of_the_items_are_refused(images: Dataset) -> None:
    with pytest.raises(ParameterError, match="only 36 items differ"):
        cluster(images, ClusterSettings(backbone="pixels", n_clusters=19))
    for wrong in (1, 0, 2.5, True):
        with pytest.raises(ParameterError, match="n_clusters"):
            ClusterSettings(n_clusters=wrong)  # type: ignore[arg-type]


def test_texts_are_named_by_words_that_hold_on_other_texts() -> None:
    rng = np.random.default_rng(0)
    topics = {
        "cooking": "boil the {} soup and stir the onions|fry {} onions in butter for the soup",
        "sailing": "the {} boat left the harbour under sail|sail the {} boat in strong wind",
    }
    texts = [
        forms.split("|")[i % 2].format(f"{rng.choice(['red', 'old', 'small'])} {i}")
        for forms in topics.values()
        for i in range(24)
    ]
    found = tw.Clusterer(n_clusters=2, kind="text").fit(texts)
    names = found.model_.names
    assert {bool({"soup", "onions"} & set(n.split(", "))) for n in names} == {True, False}
    assert {bool({"boat", "sail"} & set(n.split(", "))) for n in names} == {True, False}
    assert len(set(found.labels_[:24])) == len(set(found.labels_[24:])) == 1


def test_a_word_that_does_not_hold_on_other_texts_names_nothing() -> None:
    mine = [{"chance"} if i % 2 == 0 else {"cat"} for i in range(12)]
    others = [{"dog"}] * 12
    assert distinctive_words([mine, others]) == [[], ["dog"]]


def test_function_words_and_single_letters_name_nothing() -> None:
    mine = [{"to", "k", "7", "über", "sort", "好"}] * 12
    assert distinctive_words([mine, [{"this", "plot"}] * 12]) == [["sort", "好"], ["plot"]]


def test_files_of_one_name_are_told_apart_by_their_folders() -> None:
    paths = ["a/x/1.jpg", "b/x/1.jpg", "b/y/1.jpg", "2.jpg", "same.jpg", "same.jpg"]
    named = ["a/x/1.jpg", "b/x/1.jpg", "y/1.jpg", "2.jpg", "same.jpg", "same.jpg"]
    assert [Path(name) for name in told_apart(paths)] == [Path(name) for name in named]


def test_centres_that_no_row_is_nearest_to_are_left_out() -> None:
    rows = np.float32([[1, 0], [0, 1], [0, 1]])
    centres, codes = by_size(rows, np.float32([[1, 0], [-1, 0], [0, 1]]))
    assert centres.tolist() == [[0, 1], [1, 0]]
    assert codes.tolist() == [1, 0, 0]


def test_of_equal_silhouettes_the_smallest_number_is_taken() -> None:
    from topwork.heads.clustering import ClusterCount

    equal = ClusterCount(None, {4: 0.1, 3: 0.1, 2: 0.05}, stands_out=False)
    assert chosen_number(equal, few=False) == 3
    nearly = ClusterCount(None, {9: 0.1, 3: 0.08, 2: 0.05}, stands_out=False)
    assert chosen_number(nearly, few=False) == 9
    assert chosen_number(nearly, few=True) == 3
    assert chosen_number(ClusterCount(None, {3: -0.1, 2: -0.2}, stands_out=False), few=True) == 3
    assert chosen_number(ClusterCount(5, {5: 0.1, 3: 0.095}, stands_out=True), few=True) == 5


def test_a_clear_division_without_groups_contradicts_nothing() -> None:
    """One test shows no groups, another a number that is clearer than others: both are said."""
    from topwork.heads.clustering import ClusterCount, StructureTest
    from topwork.unsupervised.clustering.sentences import (
        number_sentence,
        row_structure_sentence,
        structure_sentence,
    )

    count = ClusterCount(3, {2: 0.1, 3: 0.2}, stands_out=True)
    test = StructureTest(found=False, p=0.06, strength=1.5)
    said = structure_sentence(test, "images")
    assert said.startswith("No groups are shown (p = 0.06, above 0.05): ")
    assert row_structure_sentence(test, 2).startswith("No groups are shown (p = 0.06, above 0.03)")
    assert row_structure_sentence(test, 0).startswith("No groups are shown (p = 0.06, above 0.03)")
    clearest = number_sentence(3, count, (2, 10), asked=None, shown=False)
    assert clearest.startswith("Of divisions into 2 to 10 that into 3 is the clearest")
    assert "stands out" not in clearest
    assert "3 clusters: of 2 to 10 this number stands out" in number_sentence(
        3, count, (2, 10), asked=None, shown=True
    )
