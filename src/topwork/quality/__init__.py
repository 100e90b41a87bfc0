"""A check of the data: copies, conflicts, leaks, odd images and doubtful labels."""

from topwork.data.groups import join_groups
from topwork.quality.deduplicated import kept
from topwork.quality.doubtful import LabelDoubts, doubt_labels
from topwork.quality.duplicates import Duplicates, find_duplicates
from topwork.quality.examine import OutOfFold, examine
from topwork.quality.families import Families, find_families
from topwork.quality.findings import (
    ClassCount,
    DeduplicatedRow,
    DoubtfulLabel,
    DuplicateGroup,
    Family,
    Findings,
    Hint,
    Member,
    OddItem,
)
from topwork.quality.images.compact import altered_copies, compact
from topwork.quality.images.image_similarity import ImageSimilarity
from topwork.quality.images.oddities import ODDITIES, find_oddities
from topwork.quality.images.thumbnails import measure, thumbnail
from topwork.quality.names import NameHint, name_hints
from topwork.quality.similarity import Pair, Similarity
from topwork.quality.text_similarity import TextSimilarity

__all__ = [
    "ODDITIES",
    "ClassCount",
    "DeduplicatedRow",
    "DoubtfulLabel",
    "DuplicateGroup",
    "Duplicates",
    "Families",
    "Family",
    "Findings",
    "Hint",
    "ImageSimilarity",
    "LabelDoubts",
    "Member",
    "NameHint",
    "OddItem",
    "OutOfFold",
    "Pair",
    "Similarity",
    "TextSimilarity",
    "altered_copies",
    "compact",
    "doubt_labels",
    "examine",
    "find_duplicates",
    "find_families",
    "find_oddities",
    "join_groups",
    "kept",
    "measure",
    "name_hints",
    "thumbnail",
]
