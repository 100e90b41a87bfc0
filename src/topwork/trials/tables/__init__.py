"""What is tried to predict from the columns of a table."""

from topwork.trials.tables.candidates import (
    HeldOutClasses,
    TableCandidate,
    TableHead,
    calibrated_logits,
    class_candidates,
    number_candidates,
)

__all__ = [
    "HeldOutClasses",
    "TableCandidate",
    "TableHead",
    "calibrated_logits",
    "class_candidates",
    "number_candidates",
]
