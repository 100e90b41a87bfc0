"""Addresses of the network where files are expected: nothing is fetched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from topwork.cli.app import run

ADDRESSES = (
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "http://127.0.0.1:1/a.jpg",
    "http://localhost/a.jpg",
    "https://example.org/images.zip",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/a.jpg",
    "http://[::ffff:127.0.0.1]/a.jpg",
    "http://2130706433/a.jpg",
    "http://0x7f000001/a.jpg",
    "http://0177.0.0.1/a.jpg",
    "http://127.1/a.jpg",
    "http://user:secret@10.0.0.1/a.jpg",
    "ftp://10.0.0.1/a.jpg",
    "gopher://127.0.0.1:1/x",
    "data:image/png;base64,AAAA",
    "//169.254.169.254/a.jpg",
    "jar:http://127.0.0.1/a.jar!/x",
    "ldap://127.0.0.1/x",
    "\\\\10.0.0.1\\share\\a.jpg",
)


@pytest.fixture(scope="module")
def model(drawn: Path, session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model") / "m.topwork"
    options = ("--backbone", "packaged:efficientnet_lite0/64", "--no-baselines", "--quiet")
    assert run(["fit", str(drawn), "--out", str(out), *options]) == 0
    return out


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_fetched(
    address: str, model: Path, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sockets are refused in tests, so that a connection would be another error."""
    out = str(tmp_path / "m.topwork")
    for asked in (
        ["fit", address, "--out", out],
        ["check", address],
        ["predict", str(model), address],
        ["predict", address, str(drawn)],
        ["fit", str(drawn), "--backbone", f"timm:resnet18@{address}", "--out", out],
        ["fit", str(drawn), "--backbone", f"savedmodel:mine@{address}", "--out", out],
    ):
        capsys.readouterr()
        assert run([*asked, "--json"]) == 2, asked
        error = json.loads(capsys.readouterr().out)["error"]
        assert error["remedy"], asked
        assert "ocket" not in error["message"], asked


def test_a_table_of_addresses_rejects_its_rows(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "a.csv"
    plain = [one for one in ADDRESSES if "," not in one]
    table.write_text("path\n" + "\n".join(plain) + "\n")
    assert run(["predict", str(model), str(table), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["remedy"]
