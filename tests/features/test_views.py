"""Views: how they are framed, stored, extracted; and the budget for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import draw
from topwork.data import Framing, ImageModality, Item, framing_of, standard_views
from topwork.errors import DataError, ParameterError
from topwork.features import (
    ArrayActivations,
    DiskBudget,
    Fingerprint,
    LanceStore,
    MemoryStore,
    ViewRequest,
    bfloat16_bits,
    extract_views,
    from_bfloat16_bits,
)

KEY = Fingerprint("timm:x", "w0", "blocks.5", (("size", 8),), "openvino", "float32")
SHAPE = (3, 4, 5)
VIEWS = ("plain", "mirrored", "crop 1")


class Means:
    """An engine whose features are block means, so that views can be told apart."""

    name, precision, batch = "means", "float32", 4

    def __init__(self) -> None:
        self.seen = 0

    def run(self, batches):
        for tag, images in batches:
            assert len(images) <= self.batch
            self.seen += len(images)
            blocks = images.reshape(len(images), 4, 4, 5, 4, 3).mean(axis=(2, 4))
            yield tag, [blocks.transpose(0, 3, 1, 2).astype(np.float32)]


def _items(n: int = 5) -> list[Item]:
    rng = np.random.default_rng(0)
    drawn = [np.asarray(draw("discs", rng)) for _ in range(n)]
    return [Item(f"item {i}", value=value) for i, value in enumerate(drawn)]


def _wanted(store, engine=None) -> ViewRequest:
    return ViewRequest(VIEWS, Framing(16, 20), engine or Means(), store, SHAPE)


class MeansAndHalves(Means):
    """Gives its features, and half of them as those of another cut."""

    def run(self, batches):
        for tag, (features,) in super().run(batches):
            yield tag, [features, features[:, :, :, :2] / 2]


@pytest.fixture(params=["memory", "lance"])
def store(request, tmp_path: Path):
    if request.param == "memory":
        return MemoryStore("bfloat16")
    return LanceStore(tmp_path, KEY, "bfloat16")


def test_views_depend_on_content_and_name_alone() -> None:
    framing, keys = Framing(8, 8), [bytes([i]) * 16 for i in range(50)]
    crops = [framing_of("crop 1", framing, key) for key in keys]
    assert crops == [framing_of("crop 1", framing, key) for key in keys]
    assert len(set(crops)) == 50
    assert all(framing_of("crop 2", framing, k) != c for k, c in zip(keys, crops, strict=True))
    assert 10 < sum(c.mirrored for c in crops) < 40
    for left, top, right, bottom in (c.window for c in crops):
        assert 0.3 < (right - left) * (bottom - top) <= 1


@pytest.mark.parametrize("view", ["crop", "crop x", "upside down"])
def test_unknown_views_are_refused(view: str) -> None:
    with pytest.raises(ParameterError, match="no view"):
        framing_of(view, Framing(8, 8), bytes(16))
    with pytest.raises(ParameterError, match="number of views"):
        standard_views(0)


def test_a_window_is_no_more_than_a_part() -> None:
    with pytest.raises(ParameterError, match="window"):
        Framing(8, 8, window=(0.5, 0.0, 0.4, 1.0))


@pytest.mark.parametrize("geometry", ["squeeze", "pad", "crop"])
def test_a_window_is_as_if_the_rest_weren_t_there(geometry) -> None:
    kind = ImageModality()
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    framing = Framing(16, 20, geometry, window=(0.5, 0.25, 1.0, 1.0))
    whole = kind.decode(kind.read(Item("a", value=picture)), framing)
    part = kind.decode(
        kind.read(Item("b", value=picture[10:, 30:].copy())), Framing(16, 20, geometry)
    )
    assert np.abs(whole.astype(int) - part).mean() < 3  # the filter reaches over the edge


def test_mirrored_is_the_plain_view_turned_round() -> None:
    kind, item = ImageModality(), _items(1)[0]
    content = kind.read(item)
    plain = kind.decode(content, Framing(16, 20))
    mirrored = kind.decode(content, framing_of("mirrored", Framing(16, 20), content.key))
    np.testing.assert_array_equal(mirrored, plain[:, ::-1])
    assert mirrored.flags.c_contiguous


def test_rounding_to_bfloat16_is_torch_s() -> None:
    import torch

    rng = np.random.default_rng(0)
    values = (rng.normal(size=10_000) * 10.0 ** rng.integers(-30, 30, 10_000)).astype(np.float32)
    values = np.concatenate([values, np.float32([0, -0.0, np.inf, -np.inf, np.nan, 3.4e38])])
    expected = torch.from_numpy(values).bfloat16().float().numpy()
    np.testing.assert_array_equal(from_bfloat16_bits(bfloat16_bits(values)), expected)


def test_rows_are_kept_by_content_and_view(store) -> None:
    keys = [bytes([i]) + bytes(15) for i in range(6)]  # ends in zeros on purpose
    rows = np.random.default_rng(0).normal(size=(6, *SHAPE)).astype(np.float32)
    for number, view in enumerate(VIEWS):
        store.append(keys, rows + 10 * number, [view] * 6)
    store.flush()
    assert store.known("mirrored") == set(keys)
    assert store.known("crop 9") == set()
    np.testing.assert_allclose(
        store.read(keys[:2], "mirrored"), rows[:2].reshape(2, -1) + 10, rtol=0.01
    )
    found = store.activations(keys, views=VIEWS, shape=SHAPE)
    assert (len(found), found.n_views, found.shape) == (6, 3, SHAPE)
    taken = found.take(np.array([4, 0, 4]), np.array([2, 0, 1]))
    assert taken.dtype == np.uint16
    expected = rows[[4, 0, 4]] + np.array([20, 0, 10])[:, None, None, None]
    np.testing.assert_allclose(from_bfloat16_bits(taken), expected, rtol=0.01)
    with pytest.raises(KeyError):
        store.activations([bytes(16)], views=("crop 9",), shape=SHAPE)


def test_readers_outlive_a_compaction_by_others(tmp_path: Path, monkeypatch) -> None:
    import lance

    store = LanceStore(tmp_path, KEY, "bfloat16")
    keys = [bytes([i]) * 16 for i in range(8)]
    rows = np.random.default_rng(0).normal(size=(8, *SHAPE)).astype(np.float32)
    for i in range(8):
        store.append(keys[i : i + 1], rows[i : i + 1])
        store.flush()
    found = store.activations(keys, views=("plain",), shape=SHAPE)
    dataset = lance.dataset(str(store.folder / "bfloat16.lance"))
    dataset.optimize.compact_files()
    from datetime import timedelta

    dataset.cleanup_old_versions(older_than=timedelta(0), delete_unverified=True)
    taken = found.take(np.arange(8), np.zeros(8, int))
    np.testing.assert_allclose(from_bfloat16_bits(taken), rows, rtol=0.01)


def test_only_missing_views_are_computed(store) -> None:
    items, engine = _items(), Means()
    first = extract_views(items, _wanted(store, engine), kind=ImageModality())
    assert (first.computed, first.cached, engine.seen) == (15, 0, 15)
    again = extract_views([*_items(7), items[0]], _wanted(store, engine), kind=ImageModality())
    assert (again.computed, again.cached) == (6, 18)
    assert len(again.keys) == 8
    found = store.activations(first.keys, views=VIEWS, shape=SHAPE)
    plain = from_bfloat16_bits(found.take(np.arange(5), np.zeros(5, int)))
    mirrored = from_bfloat16_bits(found.take(np.arange(5), np.ones(5, int)))
    np.testing.assert_allclose(mirrored, plain[..., ::-1], rtol=0.01)


def test_bad_items_are_set_aside(store, tmp_path: Path) -> None:
    items = [*_items(2), Item("gone", tmp_path / "gone.png")]
    found = extract_views(items, _wanted(store), kind=ImageModality())
    assert found.kept == [0, 1]
    assert [r.reason for r in found.rejected] == ["missing"]


def test_the_budget_says_what_is_needed(tmp_path: Path) -> None:
    store, engine = LanceStore(tmp_path, KEY, "bfloat16"), Means()
    small = DiskBudget(tmp_path, most=1_000)
    with pytest.raises(DataError, match=r"5 items in 3 views needs 1.8 KB") as raised:
        extract_views(_items(), _wanted(store, engine), kind=ImageModality(), budget=small)
    assert raised.value.code == "disk_budget"
    assert engine.seen == 0
    extract_views(
        _items(), _wanted(store), kind=ImageModality(), budget=DiskBudget(tmp_path, 1_800)
    )
    # what is stored already needs no room
    extract_views(_items(), _wanted(store), kind=ImageModality(), budget=DiskBudget(tmp_path, 0))
    with pytest.raises(DataError, match="the disk has room for") as raised:
        DiskBudget(tmp_path / "not yet").check(10**12, (1_000,), what="much")
    assert "TOPWORK_CACHE_DIR" in raised.value.remedy


@pytest.mark.parametrize("bad", [np.zeros((2, 3), np.float16), np.zeros((2, 1, 3), np.int64)])
def test_arrays_must_be_activations(bad: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="activations"):
        ArrayActivations(bad)


def test_memory_mapped_arrays_are_read_by_rows(tmp_path: Path) -> None:
    values = np.arange(24, dtype=np.float16).reshape(4, 2, 3)
    np.save(tmp_path / "a.npy", values)
    found = ArrayActivations(np.load(tmp_path / "a.npy", mmap_mode="r"))
    np.testing.assert_array_equal(
        found.take(np.array([3, 1]), np.array([0, 1])), values[[3, 1], [0, 1]]
    )


def test_several_cuts_come_from_one_pass_and_each_keeps_what_it_has(store) -> None:
    items, other = _items(), MemoryStore("bfloat16")
    first = extract_views(items[:2], _wanted(store), kind=ImageModality())
    engine = MeansAndHalves()
    wanted = ViewRequest(VIEWS, Framing(16, 20), engine, store, SHAPE, ((other, (3, 4, 2)),))
    read = extract_views(items, wanted, kind=ImageModality())
    assert engine.seen == 15
    assert first.keys == read.keys[:2]
    whole = store.activations(read.keys, views=VIEWS, shape=SHAPE)
    half = other.activations(read.keys, views=VIEWS, shape=(3, 4, 2))
    rows, views = np.arange(5), np.array([0, 1, 2, 0, 1])
    a, b = (from_bfloat16_bits(x.take(rows, views)) for x in (whole, half))
    np.testing.assert_allclose(a[..., :2] / 2, b, rtol=0.01)
    again = MeansAndHalves()
    wanted = ViewRequest(VIEWS, Framing(16, 20), again, store, SHAPE, ((other, (3, 4, 2)),))
    assert extract_views(items, wanted, kind=ImageModality()).cached == 15
    assert again.seen == 0


def test_the_budget_counts_all_cuts(tmp_path: Path) -> None:
    also = ((MemoryStore("bfloat16"), SHAPE),)
    wanted = ViewRequest(VIEWS, Framing(16, 20), MeansAndHalves(), MemoryStore(), SHAPE, also)
    enough = 5 * 3 * 60 * 2  # items, views, values, bytes: of one cut
    with pytest.raises(DataError, match="disk budget"):
        extract_views(_items(), wanted, kind=ImageModality(), budget=DiskBudget(tmp_path, enough))
