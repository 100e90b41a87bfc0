"""A check of the data: copies, conflicts, leaks, odd pictures and doubtful labels."""

from topwork.quality.doubtful import LabelDoubts, doubt_labels
from topwork.quality.duplicates import Duplicates, find_duplicates
from topwork.quality.examine import OutOfFold, examine
from topwork.quality.families import Families, find_families
from topwork.quality.findings import (
    BadFile,
    ClassCount,
    DoubtfulLabel,
    DuplicateGroup,
    Family,
    Findings,
    Hint,
    KeptRow,
    Member,
    OddPicture,
)
from topwork.quality.groups import join_groups
from topwork.quality.images.compact import altered_copies, compact
from topwork.quality.images.picture_looks import PictureLooks
from topwork.quality.images.pictures import ODDITIES, find_oddities
from topwork.quality.images.thumbnails import measure, thumbnail
from topwork.quality.kept import kept
from topwork.quality.looks import Looks, Pair
from topwork.quality.names import NameHint, name_hints
from topwork.quality.text_looks import TextLooks

__all__ = [
    "ODDITIES",
    "BadFile",
    "ClassCount",
    "DoubtfulLabel",
    "DuplicateGroup",
    "Duplicates",
    "Families",
    "Family",
    "Findings",
    "Hint",
    "KeptRow",
    "LabelDoubts",
    "Looks",
    "Member",
    "NameHint",
    "OddPicture",
    "OutOfFold",
    "Pair",
    "PictureLooks",
    "TextLooks",
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
