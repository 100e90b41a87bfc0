"""Patients are groups, frames are items, and what is no image is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.medical_files import hounsfield, write_dicom
from topwork.data import Dataset, Item, read
from topwork.data.images.medical.patient import project_salt
from topwork.data.reading.medical.patients import NO_IMAGE
from topwork.data.reading.survey import surveyed
from topwork.errors import BackboneError, ParameterError

pytest.importorskip("pydicom")
nibabel: Any = pytest.importorskip("nibabel")


def write(folder: Path, name: str, value: int = 0, **header: Any) -> Path:
    return write_dicom(folder / name, hounsfield(value, 100), **header)


def grouped(data: Dataset) -> list[list[str]]:
    """The names of the files of each group with more than one."""
    assert data.groups is not None
    groups: dict[Any, list[str]] = {}
    for item, group in zip(data.items, data.groups, strict=True):
        groups.setdefault(group, []).append(item.name.rpartition("/")[2])
    return [names for names in groups.values() if len(names) > 1]


def test_files_without_an_extension_are_told_by_their_content(tmp_path: Path) -> None:
    write(tmp_path / "a", "IM0001", PatientID="P1")
    write(tmp_path / "a", "1.2.840.113.1", PatientID="P2")
    write(tmp_path / "b", "slice.dcm", PatientID="P3")
    (tmp_path / "b" / "README").write_text("nothing")
    (tmp_path / "b" / "x.nii.gz").write_bytes(b"")
    data = read(tmp_path)
    assert [Path(item.name).name for item in data.items] == [
        "1.2.840.113.1",
        "IM0001",
        "slice.dcm",
        "x.nii.gz",
    ]
    assert data.medical
    assert data.ignored == {"no extension": 1}


def test_a_patient_is_a_group_and_nobody_is_not(tmp_path: Path) -> None:
    write(tmp_path / "a", "1", PatientID="P1")
    write(tmp_path / "b", "2", PatientID="P1 ")
    write(tmp_path / "b", "3", PatientID="", StudyInstanceUID="1.2.3")
    write(tmp_path / "b", "4", PatientID="Anonymous", StudyInstanceUID="1.2.3")
    write(tmp_path / "a", "5", PatientID=None, SeriesInstanceUID="1.2.4")
    write(tmp_path / "a", "6", PatientID="ANONYMIZED", SeriesInstanceUID="1.2.5")
    write(tmp_path / "a", "7", PatientID="")
    write(tmp_path / "a", "8", PatientID="0000")
    data = read(tmp_path)
    assert sorted(grouped(data)) == [["1", "2"], ["3", "4"]]
    said = " ".join(data.hints)
    assert "4 patients by the headers of 8 medical images" in said
    assert "4 medical images without a patient ID: kept together by study or series" in said
    assert "2 medical images that say nothing of a patient" in said


def test_patients_join_the_groups_of_the_user(tmp_path: Path) -> None:
    paths = [write(tmp_path, str(i), PatientID=f"P{i // 2}") for i in range(6)]
    data = read(
        [str(path) for path in paths], ["a", "b"] * 3, groups=["x", "y", "y", "z", "u", "v"]
    )
    assert grouped(data) == [["0", "1", "2", "3"], ["4", "5"]]


def test_parts_of_a_data_set_name_a_patient_alike(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for label in ("a", "b"):
            write(tmp_path / part / label, "1", PatientID=f"P{label}")
    train, test = read(tmp_path, split="train"), read(tmp_path, split="test")
    assert train.groups is not None
    assert test.groups is not None
    assert train.groups.tolist() == test.groups.tolist()
    assert not any("P" in group for group in train.groups)


def test_the_salt_is_made_once_and_kept_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOPWORK_STATE_DIR", str(tmp_path / "state"))
    salt = project_salt()
    assert project_salt() == salt
    assert (tmp_path / "state" / "medical-salt").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("TOPWORK_STATE_DIR", str(tmp_path / "other"))
    assert project_salt() != salt


def test_subjects_of_bids_are_patients(tmp_path: Path) -> None:
    values = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    for label, subject in (("a", "sub-01"), ("b", "sub-01"), ("b", "sub-02")):
        folder = tmp_path / label / subject
        folder.mkdir(parents=True, exist_ok=True)
        for run in "12":
            nibabel.save(
                nibabel.Nifti1Image(values, np.eye(4)), folder / f"{subject}_run-{run}_T1w.nii.gz"
            )
    assert [len(names) for names in grouped(read(tmp_path))] == [4, 2]


def test_each_frame_is_an_item_of_one_group(tmp_path: Path) -> None:
    frames = np.stack([hounsfield(0), hounsfield(50), hounsfield(100)])
    write_dicom(tmp_path / "a" / "cine", frames, PatientID="P1")
    write(tmp_path / "b", "still", PatientID="P2")
    data = read(tmp_path)
    assert [item.name.rpartition("/")[2] for item in data.items] == [
        "cine#frame=1",
        "cine#frame=2",
        "cine#frame=3",
        "still",
    ]
    assert grouped(data) == [["cine#frame=1", "cine#frame=2", "cine#frame=3"]]
    assert data.classes is not None
    assert data.classes.values() == ["a", "a", "a", "b"]
    keys = {data.kind.read(item).key for item in data.items}
    assert len(keys) == 4


def test_objects_without_an_image_are_counted_and_broken_files_stay(tmp_path: Path) -> None:
    report = "1.2.840.10008.5.1.4.1.1.88.11"
    none = dict.fromkeys(("Rows", "Columns", "BitsAllocated", "PixelData"))
    write(tmp_path / "a", "1", PatientID="P1")
    write(tmp_path / "b", "2", PatientID="P2")
    write(tmp_path / "b", "report.dcm", SOPClassUID=report, **none)
    write(tmp_path / "b", "empty.dcm", **none)
    (tmp_path / "b" / "cut.dcm").write_bytes((tmp_path / "a" / "1").read_bytes()[:-40])
    data = read(tmp_path)
    assert data.ignored == {NO_IMAGE: 1}
    assert sorted(Path(item.name).name for item in data.items) == ["1", "2", "cut.dcm", "empty.dcm"]


def test_what_may_name_people_is_warned_about(tmp_path: Path) -> None:
    write(tmp_path / "a", "1", PatientID="P1", BurnedInAnnotation="YES")
    write(tmp_path / "a", "2", PatientID="P2", Modality="US")
    write(tmp_path / "b", "3", PatientID="P3", Modality="US", BurnedInAnnotation="NO")
    write(tmp_path / "b", "4", PatientID="P4", SOPClassUID="1.2.840.10008.5.1.4.1.1.7")
    write(tmp_path / "b", "roe_ann.dcm", PatientID="P5", PatientName="Roe^Annabel")
    write(tmp_path / "b", "annabel-5.dcm", PatientID="P6", PatientName="Roe^Annabel")
    said = [one for one in read(tmp_path).hints if "text burned" in one or "path contains" in one]
    assert [one.partition(" medical")[0] for one in said] == ["1", "2", "1"]
    assert "Annabel" not in " ".join(read(tmp_path).hints)


def test_the_window_is_decided_for_medical_images_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "1")
    data = surveyed(read([str(path)], ["a"]), "lung")
    look = data.kind.appearance
    assert look is not None
    assert (look.window, look.medical_version) == ("lung", 1)
    plain = Dataset([Item("a", value=np.zeros((4, 4), np.uint8))])
    assert surveyed(plain).kind.appearance.window == ""  # type: ignore[union-attr]
    with pytest.raises(ParameterError, match="none of the items is a DICOM or NIfTI file"):
        surveyed(plain, "lung")


def test_without_the_packages_reading_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a", "1")
    monkeypatch.setattr("topwork.installation.missing", tuple)
    with pytest.raises(BackboneError, match=r"pip install topwork\[medical\]"):
        read(tmp_path)
