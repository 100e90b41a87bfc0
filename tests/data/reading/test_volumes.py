"""A series or a NIfTI file is one item, of slices at equal distances."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.medical_files import hounsfield, write_dicom
from topwork.data import Item, NumberTargets, read
from topwork.data.images.medical.nifti import nifti_slice, slice_count
from topwork.data.images.modality import ImageModality
from topwork.data.item import SAME_CELL
from topwork.data.reading.medical.volumes import MAX_SLICES, volume_items, volumes_of, with_volumes
from topwork.data.reading.survey import surveyed
from topwork.errors import BadItem, DataError, ParameterError

pytest.importorskip("pydicom")
nibabel: Any = pytest.importorskip("nibabel")

AXIAL = [1, 0, 0, 0, 1, 0]


def write_slice(folder: Path, name: str, z: float | None, series: str, **header: Any) -> Path:
    """A slice whose first number is its place in mm."""
    place = {} if z is None else {"ImagePositionPatient": [0, 0, z]}
    return write_dicom(
        folder / name,
        hounsfield(int(z or 0), 100),
        **{
            "PatientID": f"P{series}",
            "SeriesInstanceUID": f"1.2.{series}",
            "ImageOrientationPatient": AXIAL,
            "PixelSpacing": [1, 1],
            **place,
            **header,
        },
    )


def write_series(folder: Path, n: int, series: str, *, seed: int = 0, step: float = 3) -> None:
    """n slices whose files are in no order."""
    for name, k in enumerate(np.random.default_rng(seed).permutation(n)):
        write_slice(folder, f"{series}-{name:03}.dcm", step * int(k), series, InstanceNumber=name)


def places(item: Item) -> list[int]:
    """Where the slices of a volume lie, the middle one first."""
    from pydicom import dcmread

    others: Mapping[str, tuple[Item, ...]] = item.images or {}
    paths = [one.path for one in (item, *others.get(SAME_CELL, ()))]
    return [int(dcmread(path).ImagePositionPatient[2]) for path in paths if path is not None]


def test_a_folder_of_slices_is_a_volume(tmp_path: Path) -> None:
    write_series(tmp_path / "a" / "first", 9, "1")
    write_series(tmp_path / "a" / "second", 40, "2", step=2)
    write_series(tmp_path / "b" / "third", 1, "3")
    data = with_volumes(read(tmp_path), "axial")
    assert [Path(item.name).relative_to(tmp_path).as_posix() for item in data.items] == [
        "a/first",
        "a/second",
        "b/third/3-000.dcm",
    ]
    assert data.classes is not None
    assert data.classes.values() == ["a", "a", "b"]
    assert data.groups is not None
    assert len(set(data.groups)) == 3
    assert places(data.items[0]) == [12, 0, 3, 6, 9, 15, 18, 21, 24]
    middle, *rest = places(data.items[1])
    assert len(rest) == MAX_SLICES - 1
    assert rest == sorted(rest)
    assert rest[0] < 5
    assert rest[-1] > 73
    assert rest[7] < middle < rest[8]
    assert data.items[2].images is None
    assert any("3 volumes, 2 of them of several slices" in hint for hint in data.hints)
    assert with_volumes(data, "axial") is data


def test_series_in_one_folder_are_volumes_of_their_own(tmp_path: Path) -> None:
    for label in "ab":
        for k in range(2):
            write_series(tmp_path / label, 5, f"{ord(label)}{k}", seed=k)
    data = with_volumes(read(tmp_path), "axial")
    assert [Path(item.name).name for item in data.items] == [
        f"{ord(label)}{k}-000.dcm" for label in "ab" for k in range(2)
    ]
    assert all(sorted(places(item)) == [0, 3, 6, 9, 12] for item in data.items)


def test_what_does_not_belong_to_a_series_is_told_and_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "p"
    write_series(folder, 6, "1")
    write_slice(folder, "scout", 3, "1", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    write_slice(folder, "twin", 6, "1")
    write_slice(folder, "lost", None, "1")
    write_slice(folder, "odd", 4, "1", ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    write_slice(folder, "far", 30, "1")
    write_slice(folder, "overview", 0, "2", PatientID="P1", ImageType="LOCALIZER")
    for k in range(3):
        write_slice(tmp_path / "b", f"x{k}", None, "3")
    Image.new("RGB", (8, 8)).save(tmp_path / "b" / "photo.png")
    data = with_volumes(read(tmp_path), "axial")
    names = [Path(item.name).relative_to(tmp_path).as_posix() for item in data.items]
    assert names == ["a/p", "b/photo.png", "b"]
    assert sorted(places(data.items[0])) == [0, 3, 6, 9, 12, 15, 30]
    said = " ".join(data.hints)
    for words in (
        "2 localisers: left out.",
        "1 slice of another orientation or pixel spacing than most of their series: left out.",
        "1 slice at the position of another one of their series: left out.",
        "1 slice without a position in a series that has some: left out.",
        "1 series has gaps, of 4 slices by the distances.",
        "1 series has no positions: slices are taken in the order of the files.",
    ):
        assert words in said


def test_frames_of_one_file_are_a_volume(tmp_path: Path) -> None:
    frames = np.stack([hounsfield(k) for k in range(5)])
    write_dicom(tmp_path / "a" / "cine", frames, PatientID="P1")
    write_dicom(tmp_path / "b" / "still", hounsfield(0), PatientID="P2")
    data = with_volumes(read(tmp_path), "axial")
    assert [Path(item.name).name for item in data.items] == ["cine", "still"]
    first = data.items[0]
    assert first.images is not None
    assert [first.frame, *(one.frame for one in first.images[SAME_CELL])] == [2, 0, 1, 3, 4]


def test_labels_that_differ_within_a_series_are_refused(tmp_path: Path) -> None:
    write_series(tmp_path / "p", 6, "1")
    paths = [str(path) for path in sorted((tmp_path / "p").iterdir())]
    data = read(paths, ["a", "b"] * 3)
    for given in (data, replace(data, targets=NumberTargets(np.arange(6.0)))):
        with pytest.raises(DataError, match="1 volume has slices with different labels") as caught:
            with_volumes(given, "axial")
        assert caught.value.code == "mixed_volume"
    assert len(with_volumes(read(paths, ["a"] * 6), "axial")) == 1


def test_localisers_alone_and_several_images_are_refused(tmp_path: Path) -> None:
    path = write_slice(tmp_path, "scout", 0, "1", ImageType="LOCALIZER")
    item = Item("scout", path)
    with pytest.raises(DataError, match="only localisers"):
        volumes_of([item], "axial")
    with pytest.raises(ParameterError, match="several images"):
        volumes_of([replace(item, images={"back": (item,)})], "axial")
    assert volume_items([item], "") == [item]


def volume() -> Any:
    """(x, y, z), of another size along each axis."""
    x, y, z = np.mgrid[:6, :8, :20]
    return (100 * x + 10 * y + z).astype(np.int16)


def test_a_nifti_file_is_cut_along_a_plane(tmp_path: Path) -> None:
    affine = np.array([[0, -1, 0, 5], [0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]], float)
    turned = nibabel.Nifti1Image(volume()[::-1].transpose(2, 0, 1), affine).to_bytes()
    plain = nibabel.Nifti1Image(volume(), np.eye(4)).to_bytes()
    for data in (plain, turned, gzip.compress(turned)):
        counts = [slice_count(data[:4096], p) for p in ("axial", "coronal", "sagittal")]
        assert counts == [20, 8, 6]
        np.testing.assert_array_equal(
            nifti_slice(data, "300,300", "coronal", 3), nifti_slice(plain, "300,300", "coronal", 3)
        )
    assert nifti_slice(plain, "auto", "sagittal", 0).shape == (20, 8, 3)
    with pytest.raises(BadItem):
        nifti_slice(plain, "auto", "sagittal", 6)
    with pytest.raises(BadItem):
        slice_count(plain[:100], "axial")


@pytest.mark.parametrize(("plane", "n"), [("axial", 16), ("coronal", 8), ("sagittal", 6)])
def test_a_nifti_file_is_a_volume(tmp_path: Path, plane: Any, n: int) -> None:
    for label in "ab":
        (tmp_path / label).mkdir()
        image = nibabel.Nifti1Image(volume(), np.eye(4))
        nibabel.save(image, tmp_path / label / f"sub-{label}_T1w.nii.gz")
    data = surveyed(with_volumes(read(tmp_path), plane))
    assert data.kind.appearance is not None
    assert data.kind.appearance.plane == plane
    item = data.items[0]
    assert item.name.endswith("sub-a_T1w.nii.gz")
    assert item.images is not None
    slices = [item, *item.images[SAME_CELL]]
    contents = [data.kind.read(one) for one in slices]
    assert len({one.key for one in contents}) == n == len(slices)
    assert all(data.kind.remarks(one) == () for one in contents)
    usual = ImageModality(replace(data.kind.appearance, plane=""))
    assert (usual.read(slices[1]).key == contents[1].key) == (plane == "axial")


def test_an_unknown_plane_is_refused() -> None:
    from topwork.data import Appearance
    from topwork.settings import FitReadingSettings

    wrong: Any = "oblique"
    with pytest.raises(ParameterError, match="plane"):
        Appearance(plane=wrong)
    with pytest.raises(ParameterError, match="plane"):
        FitReadingSettings(volume=True, plane=wrong)
    with pytest.raises(ParameterError, match="--volume"):
        FitReadingSettings(plane="coronal")
    assert FitReadingSettings(volume=True).cut == "axial"
