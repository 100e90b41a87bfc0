"""What names say, and what they don't."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topwork.quality import name_hints


def _found(names: list[str]) -> list[tuple[str, str, int]]:
    return [(h.kind, h.stem, len(h.positions)) for h in name_hints(names)]


@pytest.mark.parametrize(
    ("names", "stems"),
    [
        ([f"a/patient{p}_{i:02}.png" for p in (1, 2) for i in range(3)], ["patient1", "patient2"]),
        ([f"a/clip{p}-frame{i}.png" for p in (7, 8) for i in range(2)], ["clip7", "clip8"]),
        (
            [f"a/{p}_jpg.rf.{i:032x}.jpg" for p in ("cat", "dog") for i in range(3)],
            ["cat_jpg", "dog_jpg"],
        ),
    ],
    ids=["patients", "frames", "augmented"],
)
def test_sources(names: list[str], stems: list[str]) -> None:
    found = name_hints(names)
    assert [h.stem for h in found] == [f"a/{stem}" for stem in stems]
    assert {h.kind for h in found} == {"source"}
    assert sorted(p for h in found for p in h.positions) == list(range(len(names)))


@pytest.mark.parametrize(
    "names",
    [
        [f"a/IMG_{i:04}.jpg" for i in range(9)],
        [f"{c}/{c}_{i:04}.jpg" for c in ("cat", "dog") for i in range(9)],
        [f"{c}/0{k}_{i:04}.jpg" for k, c in enumerate(("cat", "dog")) for i in range(9)],
        [f"{i:06}.png" for i in range(9)],
        [f"item {i}" for i in range(9)],
        ["patient1_1.png", "patient1_2.png", "patient2_1.png", *(f"{c}.png" for c in "abcdefgh")],
        [],
    ],
    ids=["camera", "class", "class number", "number", "memory", "few", "none"],
)
def test_names_that_say_nothing(names: list[str]) -> None:
    assert name_hints(names) == []


def test_bursts_are_cut_where_time_passes() -> None:
    seconds = (0, 2, 4, 30, 31, 59)
    names = [f"a/IMG_20240131_1015{s:02}.jpg" for s in seconds]
    names += ["b/IMG_20240131_101501.jpg", "a/IMG_20249931_101501.jpg", "a/plain.jpg"]
    assert _found(names) == [
        ("burst", "a/IMG_20240131_101500", 3),
        ("burst", "a/IMG_20240131_101530", 2),
    ]


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), max_size=12))
def test_any_name_is_survived(names) -> None:
    for hint in name_hints(names):
        assert len(hint.positions) >= 2
        assert all(0 <= p < len(names) for p in hint.positions)
