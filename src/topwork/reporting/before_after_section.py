"""What going on from a model did to its classes, as a section of the report."""

from __future__ import annotations

from topwork.report import BeforeAfter, Compared
from topwork.reporting.forgetting import Forgetting


def before_after_section(found: Forgetting | None) -> BeforeAfter | None:
    """The comparison; ``None`` where no model was gone on from."""
    if found is None:
        return None
    parts = (
        ("old classes", found.old),
        (f"old classes, stored {found.modality}s", found.stored if found.unseen else None),
        (f"old classes, new {found.modality}s", found.unseen if found.stored else None),
        ("new classes", found.new),
    )
    return BeforeAfter(
        rows=tuple(
            Compared(name=name, n=s.n_items, before=s.before, after=s.after)
            for name, s in parts
            if s is not None
        ),
        sentence=found.sentence,
        notes=tuple(found.warnings),
    )
