"""Cross-validation of exactly the head that becomes the model."""

from topwork.validation.crossval import JudgedHead, cross_validate_head, suited_head

__all__ = [
    "JudgedHead",
    "cross_validate_head",
    "suited_head",
]
