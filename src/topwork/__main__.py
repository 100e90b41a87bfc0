"""``python -m topwork`` is ``topwork``."""

from __future__ import annotations

from topwork.cli import main

if __name__ == "__main__":
    main()
