"""Slices are put in the order of their positions, and what doesn't belong to them is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.medical_files import hounsfield, write_dicom
from topwork.data.images.medical.series import Series, evenly, series_of
from topwork.data.images.medical.slice_header import SliceHeader

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def slices(
    n: int, orientation: Sequence[float] = AXIAL, *, step: Sequence[float], series: str = "s"
) -> list[SliceHeader]:
    """n slices, each moved by a step (x, y, z) in mm from the one before."""
    return [
        SliceHeader(
            series,
            tuple(float(v) for v in np.array([-120.0, -110.0, 40.0]) + k * np.asarray(step)),
            tuple(orientation),
            ("ORIGINAL", "PRIMARY", "AXIAL"),
            (0.7, 0.7),
        )
        for k in range(n)
    ]


def shuffled(headers: Sequence[SliceHeader], rng: np.random.Generator) -> list[int]:
    """Which header comes where, in any order."""
    return [int(i) for i in rng.permutation(len(headers))]


def check_complete(found: Sequence[Series], n: int) -> None:
    """Each header is in exactly one place."""
    parts = [
        i
        for one in found
        for i in (*one.slices, *one.repeated, *one.other, *one.localisers, *one.unplaced)
    ]
    assert sorted(parts) == list(range(n))
    assert sorted(i for one in found for i in one.members) == list(range(n))


def rotated(rng: np.random.Generator) -> tuple[list[float], np.ndarray]:
    """An oblique orientation and its normal, which leads to the head, the back or the left."""
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    normal = np.cross(axes[0], axes[1])
    return [*axes[0], *axes[1]], normal * np.sign(normal[np.abs(normal).argmax()])


def test_slices_are_in_order_however_the_files_are() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        orientation, normal = rotated(rng)
        n, step = int(rng.integers(2, 60)), float(rng.uniform(0.3, 8))
        headers = slices(n, orientation, step=step * normal)
        order = shuffled(headers, rng)
        (found,) = series_of([headers[i] for i in order])
        assert [order[i] for i in found.slices] == list(range(n))
        np.testing.assert_allclose(np.diff(found.places), step, rtol=1e-6)
        assert found.missing == 0
        check_complete([found], n)


@pytest.mark.parametrize(
    ("orientation", "up"),
    [(AXIAL, (0, 0, 1)), (CORONAL, (0, 1, 0)), (SAGITTAL, (1, 0, 0))],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_order_leads_to_the_head_the_back_or_the_left(
    orientation: tuple[float, ...], up: tuple[int, ...], sign: int
) -> None:
    headers = slices(9, orientation, step=3.0 * sign * np.array(up))
    turned = [
        replace(one, orientation=(*(-np.array(one.orientation[:3])), *one.orientation[3:]))
        for one in headers
        if one.orientation
    ]
    for given in (headers, turned):  # the second has the opposite normal
        (found,) = series_of(given)
        assert list(found.slices) == list(range(9))[::sign]


def test_a_tilted_gantry_moves_along_the_table_and_not_along_the_normal() -> None:
    rng = np.random.default_rng(1)
    for degrees in (-30, -12, 5, 20):
        tilt = np.radians(degrees)
        orientation = (1.0, 0.0, 0.0, 0.0, float(np.cos(tilt)), float(np.sin(tilt)))
        headers = slices(24, orientation, step=(0, 0, 5))
        order = shuffled(headers, rng)
        (found,) = series_of([headers[i] for i in order])
        assert [order[i] for i in found.slices] == list(range(24))
        np.testing.assert_allclose(np.diff(found.places), 5 * np.cos(tilt), rtol=1e-6)
        assert found.missing == 0


def test_gaps_and_repeated_positions_are_told() -> None:
    headers = slices(20, step=(0, 0, 2.5))
    kept = [k for k in range(20) if k not in (4, 11, 12)]
    given = [headers[k] for k in kept] + [headers[7], headers[7]]
    (found,) = series_of(given)
    assert [kept[i] for i in found.slices] == kept
    assert found.missing == 3
    assert found.repeated == (17, 18)
    check_complete([found], len(given))
    (other,) = series_of(given[::-1])
    assert len(other.repeated) == 2
    assert other.places == found.places


def test_localisers_and_other_orientations_are_not_mixed_in() -> None:
    rng = np.random.default_rng(2)
    scout = replace(
        slices(1, CORONAL, step=(0, 0, 0))[0], image_type=("ORIGINAL", "PRIMARY", "LOCALIZER")
    )
    axial_scout = replace(slices(1, step=(0, 0, 0))[0], image_type=scout.image_type)
    odd = slices(2, SAGITTAL, step=(5, 0, 0))
    zoomed = replace(slices(1, step=(0, 0, 0))[0], spacing=(0.4, 0.4))
    lost = replace(scout, position=None, image_type=())
    bent = replace(scout, orientation=(1.0, 0.0, 0.0, 1.0, 0.0, 0.0), image_type=())
    headers = [*slices(12, step=(0, 0, 1.25)), scout, axial_scout, *odd, zoomed, lost, bent]
    order = shuffled(headers, rng)
    (found,) = series_of([headers[i] for i in order])
    assert [order[i] for i in found.slices] == list(range(12))
    assert {order[i] for i in found.localisers} == {12, 13}
    assert {order[i] for i in found.other} == {14, 15, 16}
    assert {order[i] for i in found.unplaced} == {17, 18}
    check_complete([found], len(headers))


def test_series_in_one_folder_are_told_apart() -> None:
    rng = np.random.default_rng(3)
    first, second = slices(15, step=(0, 0, 3)), slices(11, step=(0, 0, 3), series="t")
    headers = [*first, *second]
    order = shuffled(headers, rng)
    found = series_of([headers[i] for i in order])
    assert len(found) == 2
    by_size = sorted(found, key=lambda one: -len(one.slices))
    assert [order[i] for i in by_size[0].slices] == list(range(15))
    assert [order[i] - 15 for i in by_size[1].slices] == list(range(11))
    check_complete(found, 26)


def test_cosines_that_are_rounded_are_one_orientation() -> None:
    rng = np.random.default_rng(4)
    orientation, normal = rotated(rng)
    headers = [
        replace(one, orientation=tuple(np.round(np.array(orientation) + noise, 5)))
        for one, noise in zip(
            slices(30, orientation, step=2.0 * normal), rng.normal(0, 1e-4, (30, 6)), strict=True
        )
    ]
    (found,) = series_of(headers)
    assert found.slices == tuple(range(30))


def test_only_localisers_have_no_slices() -> None:
    (found,) = series_of([SliceHeader("s", None, None, ("LOCALIZER",))] * 2)
    assert found.slices == ()
    assert found.localisers == (0, 1)
    assert series_of([]) == []


def test_at_most_so_many_slices_at_equal_distances() -> None:
    assert evenly([1.0, 2.0], 16) == [0, 1]
    places = [1.5 * k for k in range(200)]
    chosen = evenly(places, 16)
    assert len(chosen) == 16
    assert set(np.diff(chosen)) <= {12, 13}
    dense = [*np.arange(0, 10, 0.1), *np.arange(10, 110, 10.0)]  # half in the first tenth
    assert sum(k < 100 for k in evenly(dense, 10)) <= 2
    assert evenly([0.0, 1.0, 100.0], 2) == [1, 2]


def test_headers_of_files_are_read_and_the_number_of_the_instance_is_not_believed(
    tmp_path: Path,
) -> None:
    pytest.importorskip("pydicom")
    from topwork.data.images.medical.dicom_header import parsed_file
    from topwork.data.images.medical.slice_header import slice_headers

    rng = np.random.default_rng(5)
    headers = []
    for k in range(10):
        path = write_dicom(
            tmp_path / str(k),
            hounsfield(k),
            SeriesInstanceUID="1.2.3",
            ImagePositionPatient=[-100, -100, 4 * k],
            ImageOrientationPatient=list(AXIAL),
            PixelSpacing=[0.5, 0.5],
            ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
            InstanceNumber=int(rng.integers(100)),
        )
        header = parsed_file(path)
        assert header is not None
        headers += slice_headers(header)
    (found,) = series_of(headers[::-1])
    assert found.slices == tuple(range(10))[::-1]
    assert found.places[-1] == 36
    assert "1.2.3" not in repr(headers) + repr(found)
    bare = parsed_file(write_dicom(tmp_path / "bare", hounsfield(0), PixelSpacing=[0.5]))
    assert bare is not None
    assert slice_headers(bare) == [SliceHeader("")]


def test_frames_have_positions_of_their_own_or_none(tmp_path: Path) -> None:
    pytest.importorskip("pydicom")
    from pydicom.dataset import Dataset

    from topwork.data.images.medical.dicom_header import parsed_file
    from topwork.data.images.medical.slice_header import slice_headers

    groups = []
    for z in (8, 0, 4):
        plane, group = Dataset(), Dataset()
        plane.ImagePositionPatient = [0, 0, z]
        group.PlanePositionSequence = [plane]
        groups.append(group)
    turn, shared = Dataset(), Dataset()
    turn.ImageOrientationPatient = list(AXIAL)
    shared.PlaneOrientationSequence = [turn]
    frames = np.stack([hounsfield(0)] * 3)
    enhanced = parsed_file(
        write_dicom(
            tmp_path / "enhanced",
            frames,
            PerFrameFunctionalGroupsSequence=groups,
            SharedFunctionalGroupsSequence=[shared],
        )
    )
    cine = parsed_file(
        write_dicom(
            tmp_path / "cine",
            frames,
            ImagePositionPatient=[0, 0, 0],
            ImageOrientationPatient=list(AXIAL),
        )
    )
    assert enhanced is not None
    assert cine is not None
    (found,) = series_of(slice_headers(enhanced))
    assert found.slices == (1, 2, 0)
    (unplaced,) = series_of(slice_headers(cine))
    assert unplaced.unplaced == (0, 1, 2)
