"""Values become grey levels in the order of the standard."""

from __future__ import annotations

import gzip
import logging
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.medical_files import hounsfield, write_dicom
from topwork.data import Appearance, Content, Framing, Item
from topwork.data.appearance import MEDICAL_VERSION
from topwork.data.images.image_size import image_size
from topwork.data.images.medical import installed
from topwork.data.images.medical.dicom import dicom_frame
from topwork.data.images.medical.nifti import nifti_slice
from topwork.data.images.modality import ImageModality
from topwork.errors import BadItem, ParameterError
from topwork.settings.voi_window import voi_windows

pytest.importorskip("pydicom")
nibabel: Any = pytest.importorskip("nibabel")

PLAIN = Framing(32, 8)


def shown(path: Path, window: str = "auto", frame: int = 0) -> list[int]:
    """The grey level of the first pixel of each block of rows."""
    pixels = dicom_frame(path.read_bytes(), frame, window)
    assert (pixels[..., 0] == pixels[..., 2]).all()
    return pixels[::4, 0, 0].tolist()


def test_the_window_of_the_file_comes_first_and_the_first_of_several(tmp_path: Path) -> None:
    values = hounsfield(-100, 0, 100)
    path = write_dicom(tmp_path / "a", values, WindowCenter=[0.5, 40], WindowWidth=[201, 400])
    assert shown(path) == [0, 128, 255]
    assert shown(path, "file") == [0, 128, 255]
    assert shown(path, "200,100") == [0, 0, 128]


@pytest.mark.parametrize(
    ("function", "expected"),
    [("LINEAR", [0, 128, 255]), ("LINEAR_EXACT", [0, 128, 255]), ("SIGMOID", [30, 128, 225])],
)
def test_the_function_of_the_window(tmp_path: Path, function: str, expected: list[int]) -> None:
    values = hounsfield(-100, 0, 100)
    header = {"WindowCenter": 0, "WindowWidth": 200, "VOILUTFunction": function}
    assert shown(write_dicom(tmp_path / "a", values, **header)) == expected


def test_without_a_window_ct_has_the_usual_one_of_the_body_part(tmp_path: Path) -> None:
    values = hounsfield(-1350, -600, 150)
    chest = write_dicom(tmp_path / "a", values, BodyPartExamined="CHEST")
    assert shown(chest) == [0, 128, 255]
    assert shown(write_dicom(tmp_path / "b", hounsfield(-1000, 0, 1000))) == [0, 128, 255]


def test_without_a_window_others_have_percentiles_without_the_padding(tmp_path: Path) -> None:
    values = hounsfield(-2000, 0, 500, 1000)
    mr = write_dicom(tmp_path / "a", values, Modality="MR", PixelPaddingValue=-2000)
    assert shown(mr) == [0, 0, 128, 255]


def test_the_rescale_slope_comes_before_the_window(tmp_path: Path) -> None:
    values = (hounsfield(0, 50, 100) + 0).astype(np.uint16)
    header = {"RescaleSlope": 2, "RescaleIntercept": -100}
    assert shown(write_dicom(tmp_path / "a", values, **header), "200,0") == [0, 128, 255]


def test_the_slope_of_each_frame_is_its_own(tmp_path: Path) -> None:
    from pydicom.dataset import Dataset

    groups = []
    for slope in (1, 2):
        transform, group = Dataset(), Dataset()
        transform.RescaleSlope, transform.RescaleIntercept = slope, 0
        transform.RescaleType = "HU"
        group.PixelValueTransformationSequence = [transform]
        groups.append(group)
    frames = np.stack([hounsfield(0, 50), hounsfield(0, 50)])
    path = write_dicom(tmp_path / "a", frames, PerFrameFunctionalGroupsSequence=groups)
    assert shown(path, "200,0") == [128, 191]
    assert shown(path, "200,0", frame=1) == [128, 255]


def test_three_windows_are_three_channels(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a", hounsfield(-600, 40, 400))
    pixels = dicom_frame(path.read_bytes(), 0, "lung,brain,bone")[::4, 0]
    assert pixels.tolist() == [[128, 0, 0], [236, 128, 76], [255, 255, 128]]


def test_a_voi_table_is_used_where_there_is_no_window(tmp_path: Path) -> None:
    from pydicom.dataset import Dataset

    table = Dataset()
    table.LUTDescriptor, table.LUTData = [4, 0, 8], [255, 128, 64, 0]
    table["LUTDescriptor"].VR = table["LUTData"].VR = "US"
    values = hounsfield(0, 1, 2, 3).astype(np.uint16)
    path = write_dicom(tmp_path / "a", values, VOILUTSequence=[table])
    assert shown(path) == [255, 128, 64, 0]


def test_windows_are_part_of_the_name_of_a_content(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a", np.stack([hounsfield(0), hounsfield(0)]))
    looks = [
        Appearance(),
        *(
            Appearance(window=window, medical_version=MEDICAL_VERSION)
            for window in ("auto", "lung", "brain")
        ),
    ]
    items = [Item("a", path), Item("a", path, frame=0), Item("a", path, frame=1)]
    keys = [ImageModality(look).read(item).key for look in looks for item in items]
    assert len(set(keys)) == 9
    assert keys[:3] == keys[3:6]


def test_a_bundle_of_another_version_is_refused() -> None:
    with pytest.raises(ParameterError, match="medical_version"):
        Appearance(window="auto", medical_version=MEDICAL_VERSION + 1)


@pytest.mark.parametrize("text", ["skin", "0,40", "nan,3", "lung,brain", "", "1,2,3,4"])
def test_windows_that_mean_nothing(text: str) -> None:
    with pytest.raises(ParameterError, match="window"):
        voi_windows(text)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Rows": 60000, "Columns": 60000}, "too_many_pixels"),
        ({"NumberOfFrames": 2_000_000}, "too_many_pixels"),
        ({"Rows": 900}, "truncated"),
        ({"SamplesPerPixel": 2}, "corrupt"),
        ({"BitsAllocated": 16, "BitsStored": 200}, "corrupt"),
        ({"PhotometricInterpretation": "OTHER"}, "corrupt"),
        ({"PixelData": None}, "no_pixels"),
    ],
)
def test_headers_that_promise_what_is_not_there(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    path = write_dicom(tmp_path / "a", hounsfield(0, 1), **changes)
    with pytest.raises(BadItem) as caught:
        dicom_frame(path.read_bytes(), 0, "auto")
    assert caught.value.reason == reason


def test_a_deflated_file_is_inflated_up_to_the_limit_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pydicom.uid import DeflatedExplicitVRLittleEndian

    path = write_dicom(tmp_path / "a", hounsfield(0, 1))
    data = path.read_bytes()
    end = 144 + int.from_bytes(data[140:144], "little")
    old, new = b"1.2.840.10008.1.2.1\0", str(DeflatedExplicitVRLittleEndian).encode()
    meta = data[:end].replace(len(old).to_bytes(2, "little") + old, b"\x16\0" + new)
    meta = meta[:140] + (len(meta) - 144).to_bytes(4, "little") + meta[144:]

    def deflated(body: bytes) -> bytes:
        packing = zlib.compressobj(wbits=-15)
        return meta + packing.compress(body) + packing.flush()

    assert dicom_frame(deflated(data[end:]), 0, "wide").shape == (8, 8, 3)
    monkeypatch.setenv("TOPWORK_MAX_BYTES", "1000000")
    with pytest.raises(BadItem) as caught:
        dicom_frame(deflated(data[end:] + bytes(20_000_000)), 0, "wide")
    assert caught.value.reason == "too_large"


def test_any_byte_may_be_broken(tmp_path: Path) -> None:
    data = write_dicom(tmp_path / "a", hounsfield(0, 1), PatientName="Roe^Ann").read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(150):
        broken = bytearray(data[: rng.integers(132, len(data))])
        for at in rng.integers(132, len(broken) + 1, 3):
            if at < len(broken):
                broken[at] = rng.integers(256)
        details = []
        try:
            dicom_frame(bytes(broken), 0, "auto")
        except BadItem as error:
            details.append(error.detail)
        assert "Roe" not in " ".join(details)


def test_warnings_that_quote_a_header_are_kept_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_dicom(tmp_path / "a", hounsfield(0, 1), StudyDate="20200101")
    data = path.read_bytes().replace(b"20200101", b"Roe Ann ")
    before = list(warnings.filters)
    with caplog.at_level(logging.DEBUG):
        dicom_frame(data, 0, "auto")
    assert "Roe" not in caplog.text
    assert list(warnings.filters) == before


def volume() -> Any:
    """(x, y, z), brightest at the right, the front and the top."""
    x, y, z = np.mgrid[:6, :8, :10]
    return (100 * x + 10 * y + z).astype(np.int16)


def nifti(values: Any, affine: Any) -> bytes:
    made: bytes = nibabel.Nifti1Image(values, affine).to_bytes()
    return made


def test_a_volume_is_turned_to_the_standard_orientation() -> None:
    plain = nifti_slice(nifti(volume(), np.eye(4)), "file")
    assert plain.shape == (8, 6, 3)
    assert plain[0, 0, 0] == plain[..., 0].max()  # the right and the front are top left
    assert plain[-1, -1, 0] == plain[..., 0].min()
    turned = nifti(
        volume()[::-1].transpose(2, 0, 1),
        np.array([[0, -1, 0, 5], [0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]], float),
    )
    np.testing.assert_array_equal(nifti_slice(turned, "file"), plain)


def test_a_compressed_volume_is_the_same_and_inflated_no_further_than_it_says() -> None:
    data = nifti(volume(), np.eye(4))
    np.testing.assert_array_equal(
        nifti_slice(gzip.compress(data), "auto"), nifti_slice(data, "auto")
    )
    with pytest.raises(BadItem) as caught:
        nifti_slice(gzip.compress(data[:-9]), "auto")
    assert caught.value.reason == "truncated"
    large = bytearray(data)
    large[42:48] = (30000).to_bytes(2, "little") * 3
    with pytest.raises(BadItem) as caught:
        nifti_slice(gzip.compress(bytes(large)), "auto")
    assert caught.value.reason == "too_many_pixels"


def test_sizes_and_remarks(tmp_path: Path) -> None:
    kind = ImageModality()
    path = write_dicom(tmp_path / "a", np.stack([hounsfield(0), hounsfield(0)]))
    one = kind.read(Item("a", path))
    assert image_size(one) == (8, 4)
    assert kind.remarks(one) == ("first_page",)
    assert kind.remarks(kind.read(Item("a", path, frame=1))) == ()
    scan = kind.read(Item("b", value=nifti(volume(), np.eye(4))))
    assert kind.remarks(scan) == ("middle_slice",)
    assert image_size(scan) == (6, 8)
    assert kind.decode(Content(b"", scan.data), PLAIN).shape == (32, 8, 3)


def test_without_the_packages_a_medical_image_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_dicom(tmp_path / "a", hounsfield(0))
    monkeypatch.setattr(installed, "missing", tuple)
    with pytest.raises(BadItem, match=r"pip install topwork\[medical\]") as caught:
        dicom_frame(path.read_bytes(), 0, "auto")
    assert caught.value.reason == "missing_extra"
