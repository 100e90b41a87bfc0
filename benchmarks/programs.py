"""topwork's program as people start it."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

_CORE = os.environ.get("TOPWORK_CORE_VENV")
"""An environment with nothing but the core, as `make .venv-core/installed` makes it."""

SCRIPTS = Path(_CORE).resolve() / "bin" if _CORE else Path(sysconfig.get_path("scripts"))
TOPWORK = str(SCRIPTS / "topwork")
PYTHON = str(SCRIPTS / "python") if _CORE else sys.executable
ENVIRONMENT = "the core alone" if _CORE else "everything that the tests need"
"""What is installed where the program runs."""
