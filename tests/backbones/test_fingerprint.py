"""What identifies the file of a network's weights."""

from __future__ import annotations

import os
from pathlib import Path

from topwork.backbones.fingerprint import file_fingerprint


def test_another_file_or_architecture_is_another_network(tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"a" * 3_000_000)
    first = file_fingerprint("resnet", file)
    assert file_fingerprint("resnet", file) == first
    assert file_fingerprint("vit", file) != first
    file.write_bytes(b"a" * 2_999_999 + b"b")
    os.utime(file, ns=(0, 0))  # clocks of file systems are coarse
    assert file_fingerprint("resnet", file) != first
    file.write_bytes(b"a" * 3_000_000)
    os.utime(file, ns=(1, 1))
    assert file_fingerprint("resnet", file) == first
