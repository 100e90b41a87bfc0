"""Images in a real object store, of which a table gives the addresses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from tests.conftest import draw_folder
from tests.runtime.cluster.head import free_port
from topwork.cli.app import run
from topwork.data import object_storage, read
from topwork.data.files import read_file, read_head
from topwork.errors import BadItem, DataError

KEY, SECRET = "AKIATESTINGTESTING00", "c2VjcmV0LW9mLXRoZS10ZXN0cw"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that speaks S3."""
    from tests.data import s3_server

    log = tmp_path_factory.mktemp("s3") / "log"
    with log.open("w") as said:
        command = [sys.executable, s3_server.__file__, str(port := free_port())]
        with subprocess.Popen(command, stdout=said, stderr=said) as server:
            try:
                until = time.monotonic() + 60
                while "Running on" not in log.read_text() and time.monotonic() < until:
                    time.sleep(0.05)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()


@pytest.fixture
def bucket(store: str, monkeypatch: pytest.MonkeyPatch, socket_enabled) -> Iterator[str]:
    """A bucket, and credentials for it in the environment."""
    from pyarrow import fs

    for name, value in {
        "AWS_ENDPOINT_URL": store,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    object_storage._file_system.cache_clear()
    system = fs.S3FileSystem(endpoint_override=store, allow_bucket_creation=True)
    system.create_dir("photos")
    yield "photos"
    object_storage._file_system.cache_clear()


def _put(folder: Path, table: Path) -> list[str]:
    """The files of a folder as objects, and a table of them."""
    from pyarrow import fs

    system = fs.S3FileSystem(endpoint_override=os.environ["AWS_ENDPOINT_URL"])
    rows = []
    for file in sorted(folder.glob("*/*.png")):
        key = f"photos/{file.parent.name}/{file.name}"
        with system.open_output_stream(key) as out:
            out.write(file.read_bytes())
        rows.append(f"s3://{key},{file.parent.name}")
    table.write_text("\n".join(["path,label", *rows, "s3://photos/gone.png,discs"]) + "\n")
    return rows


def test_a_fit_of_objects_is_that_of_files(bucket: str, tmp_path: Path, capsys, caplog) -> None:
    folder = draw_folder(tmp_path / "shapes", 8)
    rows = _put(folder, tmp_path / "objects.csv")
    said = {}
    for data in (folder, tmp_path / "objects.csv"):
        capsys.readouterr()
        arguments = ["fit", str(data), "--backbone", "pixels", "--no-cache", "--json"]
        with threadpool_limits(1, "blas"):
            assert run([*arguments, "--out", str(tmp_path / "m.topwork")]) == 0
        printed = capsys.readouterr()
        assert SECRET not in printed.out + printed.err + caplog.text
        said[data.name] = json.loads(printed.out)
    here, there = said["shapes"], said["objects.csv"]
    assert there["rejected"] == [
        {"path": "s3://photos/gone.png", "reason": "missing", "detail": "there is no such object"}
    ]
    assert there["n_items"] == here["n_items"] == len(rows)
    assert there["scores"] == here["scores"]
    content = b"".join(f.read_bytes() for f in (tmp_path / "m.topwork").rglob("*") if f.is_file())
    assert SECRET.encode() not in content
    assert KEY.encode() not in content


def test_objects_are_read_whole_or_in_part(bucket: str, tmp_path: Path) -> None:
    folder = draw_folder(tmp_path / "shapes", 1)
    _put(folder, tmp_path / "objects.csv")
    data = (folder / "discs" / "000.png").read_bytes()
    path = Path("s3://photos/discs/000.png")
    assert read_file(path) == data
    assert read_head(path, 20) == data[:20]
    with pytest.raises(BadItem, match="too_large"):
        read_file(path, most=10)
    with pytest.raises(BadItem, match="missing"):
        read_file(Path("s3://photos/gone.png"))
    with pytest.raises(BadItem, match="missing"):
        read_head(Path("s3://photos/gone.png"), 3)


def test_a_store_that_does_not_answer(bucket: str, monkeypatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    object_storage._file_system.cache_clear()
    with pytest.raises(BadItem, match="unreadable") as said:
        read_file(Path("s3://photos/discs/000.png"))
    assert SECRET not in str(said.value)


def test_addresses_with_credentials_are_none_of_objects(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("path,label\ns3://me:pass@photos/1.png,a\ns3://me:pass@photos/2.png,b\n")
    with pytest.raises(DataError, match="doesn't fetch") as said:
        read(table)
    assert "pass" not in str(said.value)
