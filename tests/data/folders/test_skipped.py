"""What is passed over is counted, named, and told how to use."""

from __future__ import annotations

from pathlib import Path

import pytest

from topwork.data import read, read_items, skipped_sentences
from topwork.errors import DataError


def make(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_extensions_come_with_their_remedy():
    assert skipped_sentences({".xyz": 9, ".HEIC".lower(): 6, ".pdf": 1}, "images") == [
        "16 files are no images that topwork reads: 6 .heic (convert them to JPEG: "
        "magick mogrify -format jpg *.heic), 1 .pdf (make images of the pages: pdftoppm -png FILE "
        "page), 9 .xyz.",
    ]


def test_advice_is_for_the_items_that_were_looked_for():
    both = {".zip": 1, ".ppm": 2, ".mp4": 3, ".docx": 4, ".npy": 5}
    assert skipped_sentences(both, "texts") == [
        "15 files are no texts that topwork reads: 4 .docx (save them as .txt), 2 .ppm (they are "
        "images), 1 .zip (unpack it), 5 .npy, 3 .mp4."
    ]
    assert skipped_sentences({".docx": 4}, "images")[0].endswith("reads: 4 .docx.")


def test_many_extensions_are_counted_together():
    said = skipped_sentences({f".e{i}": 1 for i in range(9)}, "images")
    assert said[0].endswith("3 others.")


@pytest.mark.parametrize("extension", [".heic", ".mha", ".npy", ".mp4", ".pdf", ".zip", ".nef"])
def test_only_such_files(extension):
    make(*(f"photos/{c}/{i}{extension.upper()}" for c in "ab" for i in range(3)))
    for reading in (read, read_items):
        with pytest.raises(DataError, match=rf"6 files are no images .*: 6 \{extension} \("):
            reading("photos")


def test_some_such_files_are_counted():
    make("photos/a/1.jpg", "photos/b/2.jpg", "photos/a/3.heic", "photos/readme", "photos/4.jpg")
    data = read("photos")
    assert data.ignored == {".heic": 1, "no extension": 1, "images outside any class folder": 1}
    said = skipped_sentences(data.ignored, "images")
    assert "1 .heic (" in said[0]
    assert said[1] == "Left out: 1 images outside any class folder."


SYSTEM = (
    "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__MACOSX",
    ".ipynb_checkpoints", ".Trash-1000", ".Trashes", "@Recycle", "#snapshot", "__pycache__",
)  # fmt: skip


@pytest.mark.parametrize("name", SYSTEM)
def test_folders_of_drives_and_systems_are_left_out_at_every_level(name):
    make("nas/a/1.jpg", "nas/b/2.jpg", f"nas/{name}/x.jpg", f"nas/a/{name}/1.jpg/y.jpg")
    make(f"nas/a/deep/{name}/z.jpg")
    data = read("nas")
    assert [item.name for item in data.items] == ["nas/a/1.jpg", "nas/b/2.jpg"]
    assert data.ignored == {"hidden or left behind by the system": 3}
    assert len(read_items("nas")) == 2


def test_such_a_folder_is_read_where_it_is_named():
    make("@eaDir/a/1.jpg", "@eaDir/b/1.jpg")
    assert len(read("@eaDir")) == 2
