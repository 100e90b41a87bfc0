"""Who an image is of, as a salted hash: no name, number or UID leaves the header."""

from __future__ import annotations

import os
import re
from hashlib import blake2b
from pathlib import Path
from typing import Final

from topwork.runtime import state_folder, writable

_NOBODY: Final = re.compile(
    r"(anon(ymou?s|ymi[sz]ed)?|de-?identified|unknown|none|null|n/?a|patient( ?(id|name))?|"
    r"(no|not) ?(id|name|available)|x+|[0.\-_ ]*)",
    re.IGNORECASE,
)
"""What stands in place of a patient's ID where there is none: it would join strangers."""

_SUBJECT: Final = re.compile(r"(?:^|[/\\_])(sub-[A-Za-z0-9]+)")
"""A person in the names of BIDS."""

_SALT_FILE: Final = "medical-salt"
_SALT_BYTES: Final = 32


def project_salt() -> bytes:
    """The secret of this computer's state folder, made once; it goes into no model.

    Where nothing can be written it is made anew for each process.
    """
    folder = writable(state_folder())
    if folder is None:
        return _PROCESS_SALT
    file = folder / _SALT_FILE
    try:
        with open(file, "xb", opener=_private) as opened:
            opened.write(os.urandom(_SALT_BYTES))
    except FileExistsError:
        pass
    except OSError:
        return _PROCESS_SALT
    salt = file.read_bytes()
    return salt if len(salt) == _SALT_BYTES else _PROCESS_SALT


_PROCESS_SALT: Final = os.urandom(_SALT_BYTES)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def hashed(kind: str, value: str, salt: bytes) -> str:
    """A name that tells equal values from others, and nothing else.

    Examples
    --------
    >>> hashed("patient", "1CT1", b"a") == hashed("patient", "1CT1", b"b")
    False
    """
    return blake2b(f"{kind}:{value}".encode(), digest_size=16, key=salt).hexdigest()


def is_nobody(value: str) -> bool:
    """Whether a patient's ID says nothing.

    Examples
    --------
    >>> [is_nobody(one) for one in ("", " ", "Anonymous", "0000", "1CT1")]
    [True, True, True, True, False]
    """
    return _NOBODY.fullmatch(value.strip()) is not None


def subject_of(path: Path | str) -> str:
    """The person that a path names in the way of BIDS; empty where it names none.

    Examples
    --------
    >>> subject_of("study/sub-07/anat/sub-07_T1w.nii.gz")
    'sub-07'
    """
    found = _SUBJECT.search(str(path))
    return found.group(1) if found else ""
