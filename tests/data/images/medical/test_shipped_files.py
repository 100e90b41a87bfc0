"""Every file that pydicom and nibabel ship is decoded, or rejected with the code that is due."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from topwork.data import Framing, Item
from topwork.data.images.medical.dicom import dicom_frame
from topwork.data.images.medical.dicom_header import image_size_of, parsed
from topwork.data.images.modality import ImageModality
from topwork.errors import BadItem

pydicom_data = pytest.importorskip("pydicom.data")
nibabel = pytest.importorskip("nibabel")

SHIPPED = Path(pydicom_data.__file__).parent / "test_files"
NIFTI = Path(nibabel.__file__).parent / "tests" / "data"

REJECTED = {
    "JPEG-lossy.dcm": "needs_decoder",
    "JPGExtended.dcm": "needs_decoder",
    "JPEG2000-embedded-sequence-delimiter.dcm": "corrupt",
    "MR_truncated.dcm": "truncated",
    "badVR.dcm": "corrupt",
    "meta_missing_tsyntax.dcm": "no_pixels",
    "nested_priv_SQ.dcm": "no_pixels",
}
"""Of the files with an element for pixels; all others are decoded."""

NO_DICOM = {
    "ExplVR_BigEndNoMeta.dcm",
    "ExplVR_LitEndNoMeta.dcm",
    "no_meta.dcm",
    "rtstruct.dcm",
    "zipMR.gz",
}
"""Without the mark of a DICOM file, as some old programs write them."""

N_DECODED = 88


def dicom_files() -> list[Path]:
    return sorted(p for p in SHIPPED.rglob("*") if p.is_file() and p.suffix != ".py")


def outcome(path: Path) -> str:
    kind = ImageModality()
    try:
        pixels = kind.decode(kind.read(Item(path.name, path)), Framing(16, 16))
    except BadItem as error:
        return error.reason
    assert pixels.shape == (16, 16, 3)
    return "decoded"


def test_every_dicom_file_has_the_stated_outcome() -> None:
    tracemalloc.start()
    found = {path: outcome(path) for path in dicom_files()}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(one == "decoded" for one in found.values()) == N_DECODED
    for path, one in found.items():
        if path.name in REJECTED:
            assert one == REJECTED[path.name], path
        elif path.name in NO_DICOM or b"DICM" not in path.read_bytes()[:140]:
            assert one == "not_an_image", path
        elif one != "decoded":
            assert one == "no_pixels", path
    assert peak < 100e6


def test_every_nifti_file_has_the_stated_outcome() -> None:
    found = {
        path.name: outcome(path)
        for path in sorted(NIFTI.iterdir())
        if path.name.endswith((".nii", ".nii.gz"))
    }
    assert found.pop("row_major.dconn.nii") == "corrupt"  # a matrix, no image
    assert set(found.values()) == {"decoded"}
    assert {"anatomical.nii", "functional.nii", "example4d.nii.gz"} <= set(found)


def test_monochrome1_is_inverted_once_and_last() -> None:
    inverted = 0
    for path in dicom_files():
        data = path.read_bytes()
        if data[128:132] != b"DICM":
            continue
        header = parsed(data, pixels=True)
        if header.get("PhotometricInterpretation") != "MONOCHROME1":
            continue
        inverted += 1
        shown = dicom_frame(data, 0, "file")[..., 0].astype(float)
        values = header.pixel_array * float(header.RescaleSlope) + float(header.RescaleIntercept)
        assert np.corrcoef(shown.ravel(), values.ravel())[0, 1] < -0.8
        changed = data.replace(b"MONOCHROME1 ", b"MONOCHROME2 ")
        np.testing.assert_array_equal(shown, 255 - dicom_frame(changed, 0, "file")[..., 0])
    assert inverted == 3


def test_a_lie_about_the_size_is_told_before_anything_is_decoded() -> None:
    data = (SHIPPED / "JPEG2000-embedded-sequence-delimiter.dcm").read_bytes()
    assert image_size_of(parsed(data, pixels=False)).rows == 1024
    with pytest.raises(BadItem, match="3722445056"):
        dicom_frame(data, 0, "auto")
