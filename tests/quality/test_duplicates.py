"""Copies are found, whatever was done to them; different pictures are left alone."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data
from PIL import Image

from tests.quality.conftest import COPIES, features_of, keys_of, thumbnails_of
from topwork.errors import ParameterError
from topwork.quality import ImageSimilarity, find_duplicates
from topwork.quality import neighbours as neighbours_module


def _find(thumbnails, codes=None, keys=None):
    n = len(thumbnails)
    return find_duplicates(keys or keys_of(n), _looks(thumbnails), features_of(thumbnails), codes)


def _looks(thumbnails) -> ImageSimilarity:
    return ImageSimilarity(thumbnails, np.zeros((len(thumbnails), 2), np.int64))


def test_different_pictures_are_left_alone(seen, classes) -> None:
    for codes in (classes, None):
        found = _find(seen, codes)
        assert found.pairs == ()
        assert found.groups.tolist() == list(range(len(seen)))
        assert not found.undecided.any()
        assert found.members() == []


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("with_classes", [True, False], ids=["classes", "no classes"])
def test_copies_are_found(copied: str, with_classes: bool, pictures, seen, classes) -> None:
    sources = np.arange(0, len(pictures), 7)
    copies = thumbnails_of([COPIES[copied](pictures[i]) for i in sources])
    codes = np.concatenate([classes, classes[sources]]) if with_classes else None
    found = _find(np.concatenate([seen, copies]), codes)
    wanted = {(int(i), len(seen) + j) for j, i in enumerate(sources)}
    got = {(pair.first, pair.second) for pair in found.pairs}
    assert len(got & wanted) >= 0.95 * len(wanted)
    assert not got - wanted
    assert all(pair.kind == "near" and pair.similarity > 0.9 for pair in found.pairs)


def test_copies_under_another_label_are_found(pictures, seen, classes) -> None:
    copies = thumbnails_of([COPIES["encoded at quality 60"](p) for p in pictures[::9]])
    wrong = (classes[::9] + 1) % (classes.max() + 1)
    found = _find(np.concatenate([seen, copies]), np.concatenate([classes, wrong]))
    assert len(found.members()) == len(copies)


def test_every_picture_may_have_two_copies(pictures, seen, classes) -> None:
    """What an augmented download looks like: most of what is nearest is a copy."""
    copies = [thumbnails_of([COPIES[c](p) for p in pictures]) for c in ("brighter", "darker")]
    found = _find(np.concatenate([seen, *copies]), np.tile(classes, 3))
    groups = found.groups.reshape(3, -1)
    assert (groups == groups[0]).mean() > 0.95
    assert len(np.unique(found.groups)) > 0.95 * len(pictures)


def test_equal_content_is_found_by_its_key(seen) -> None:
    keys = keys_of(len(seen))
    keys[9] = keys[4] = keys[2]
    found = _find(seen, keys=keys)
    assert [(p.first, p.second, p.kind) for p in found.pairs] == [
        (2, 4, "exact"),
        (2, 9, "exact"),
    ]
    assert [members.tolist() for members in found.members()] == [[2, 4, 9]]


def test_only_equal_content_where_near_duplicates_are_not_sought(pictures, seen) -> None:
    copies = thumbnails_of([COPIES["brighter"](p) for p in pictures[::9]])
    thumbnails = np.concatenate([seen, copies])
    keys = keys_of(len(thumbnails))
    keys[3] = keys[1]
    features = features_of(thumbnails)
    found = find_duplicates(keys, _looks(thumbnails), features, near_duplicates=False)
    assert [(p.first, p.second, p.kind) for p in found.pairs] == [(1, 3, "exact")]


def test_the_order_of_the_items_makes_no_difference(pictures, seen, classes) -> None:
    copies = thumbnails_of([COPIES["resized to 70 %"](p) for p in pictures[::5]])
    thumbnails = np.concatenate([seen, copies])
    codes = np.concatenate([classes, classes[::5]])
    order = np.random.default_rng(1).permutation(len(thumbnails))
    plain, shuffled = _find(thumbnails, codes), _find(thumbnails[order], codes[order])
    positions = {frozenset(order[m].tolist()) for m in shuffled.members()}
    assert positions == {frozenset(m.tolist()) for m in plain.members()}


def test_small_blocks_give_the_same(seen, classes, monkeypatch) -> None:
    thumbnails, codes = np.concatenate([seen, seen[:9]]), np.concatenate([classes, classes[:9]])
    whole = _find(thumbnails, codes)
    monkeypatch.setattr(neighbours_module, "BLOCK_BYTES", 4 * len(thumbnails) * 7)
    assert _find(thumbnails, codes).pairs == whole.pairs


def test_pictures_without_detail_are_not_alike() -> None:
    y = np.linspace(60, 200, 64)[:, None].repeat(64, axis=1)
    skies = np.stack([y + 3 * i for i in range(6)]).astype(np.uint8)
    black = np.zeros((2, 64, 64), np.uint8)
    assert _find(np.concatenate([skies, black])).pairs == ()


def test_a_fixed_camera_doesn_t_make_one_group_of_a_class() -> None:
    """Thumbnails can't tell such pictures apart; then no copies are claimed."""
    rng = np.random.default_rng(0)
    scene = np.asarray(Image.fromarray(skimage.data.coffee()).resize((224, 224)), np.float64)
    shots = [(scene + rng.normal(0, 4, scene.shape)).clip(0, 255) for _ in range(30)]
    thumbnails = thumbnails_of([Image.fromarray(shot.astype(np.uint8)) for shot in shots])
    found = _find(thumbnails, np.repeat([0, 1], 15))
    assert found.pairs == ()
    assert found.undecided.all()


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_tiny_sets(n: int, seen) -> None:
    assert _find(seen[:n], np.arange(n)).groups.tolist() == list(range(n))
    twice = np.concatenate([seen[:n], seen[:n]])
    assert _find(twice, np.tile(np.arange(n), 2)).groups.tolist() == list(range(n)) * 2


def test_lengths_must_agree(seen) -> None:
    with pytest.raises(ParameterError, match="2 keys but similarity has 3 entries"):
        find_duplicates(keys_of(2), _looks(seen[:3]), np.zeros((2, 4)))
