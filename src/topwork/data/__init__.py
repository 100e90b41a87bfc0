"""Items, and everything that opens a file of the user's."""

from topwork.data.appearance import UNDECIDED, Appearance
from topwork.data.boxes.reasons import BOX_REASONS
from topwork.data.dataset import ClassTargets, Dataset, OrdinalTargets, Targets
from topwork.data.folders.skipped import skipped_sentences
from topwork.data.folders.splits import SPLITS, Split
from topwork.data.images.formats import FORMATS, IMAGE_EXTENSIONS, Format, sniff
from topwork.data.images.modality import DECODER_VERSION, ImageModality
from topwork.data.item import (
    SAME_CELL,
    Content,
    Item,
    Modality,
    ModalityName,
    ModalityWords,
    Rejected,
    Remark,
)
from topwork.data.limits import MAX_BYTES, MAX_CHARACTERS, MAX_PIXELS
from topwork.data.losses import uneven_losses
from topwork.data.modality import MODALITIES, Items
from topwork.data.preprocessing.feature_hashing import HASHED, FeatureHashing
from topwork.data.preprocessing.framing import INTERPOLATIONS, PAD_VALUE, Framing, Interpolation
from topwork.data.preprocessing.shingling import NAMED, Shingling
from topwork.data.preprocessing.tokenizing import FILLING, Preparation, Tokenizing
from topwork.data.preprocessing.views import MIRRORED, PLAIN, framing_of, standard_views
from topwork.data.preprocessing.words import MAX_GRAMS, Vocabulary, grams_of, pieces_of, words_of
from topwork.data.reading.beside import items_beside, named_columns
from topwork.data.reading.medical.patients import expanded_items
from topwork.data.reading.medical.volumes import with_volumes
from topwork.data.reading.missing import TextNotFileWarning, looks_like_a_file
from topwork.data.reading.read import read
from topwork.data.reading.survey import surveyed
from topwork.data.reading.unlabelled import read_any, read_items, read_unlabelled
from topwork.data.reasons import REASONS
from topwork.data.tables.known_columns import columns_as_fitted, further_columns
from topwork.data.tables.table_files import TABLE_EXTENSIONS, is_table
from topwork.data.targets.boxes import BoxIssue, BoxTargets, ImageBoxes
from topwork.data.targets.label_meaning import LabelTypeIssue, check_label_type
from topwork.data.targets.label_targets import LabelTargets, joined_labels
from topwork.data.targets.label_values import Label, label_key, match_labels
from topwork.data.targets.number_targets import NumberTargets
from topwork.data.targets.number_values import ReadNumbers, read_numbers
from topwork.data.targets.several_labels import labels_in_cells
from topwork.data.texts.modality import TEXT_VERSION, TextModality
from topwork.data.texts.scripts import script_of
from topwork.settings.choices import GEOMETRIES, LAYOUTS, Geometry, Layout

__all__ = [
    "BOX_REASONS",
    "DECODER_VERSION",
    "FILLING",
    "FORMATS",
    "GEOMETRIES",
    "HASHED",
    "IMAGE_EXTENSIONS",
    "INTERPOLATIONS",
    "LAYOUTS",
    "MAX_BYTES",
    "MAX_CHARACTERS",
    "MAX_GRAMS",
    "MAX_PIXELS",
    "MIRRORED",
    "MODALITIES",
    "NAMED",
    "PAD_VALUE",
    "PLAIN",
    "REASONS",
    "SAME_CELL",
    "SPLITS",
    "TABLE_EXTENSIONS",
    "TEXT_VERSION",
    "UNDECIDED",
    "Appearance",
    "BoxIssue",
    "BoxTargets",
    "ClassTargets",
    "Content",
    "Dataset",
    "FeatureHashing",
    "Format",
    "Framing",
    "Geometry",
    "ImageBoxes",
    "ImageModality",
    "Interpolation",
    "Item",
    "Items",
    "Label",
    "LabelTargets",
    "LabelTypeIssue",
    "Layout",
    "Modality",
    "ModalityName",
    "ModalityWords",
    "NumberTargets",
    "OrdinalTargets",
    "Preparation",
    "ReadNumbers",
    "Rejected",
    "Remark",
    "Shingling",
    "Split",
    "Targets",
    "TextModality",
    "TextNotFileWarning",
    "Tokenizing",
    "Vocabulary",
    "check_label_type",
    "columns_as_fitted",
    "expanded_items",
    "framing_of",
    "further_columns",
    "grams_of",
    "is_table",
    "items_beside",
    "joined_labels",
    "label_key",
    "labels_in_cells",
    "looks_like_a_file",
    "match_labels",
    "named_columns",
    "pieces_of",
    "read",
    "read_any",
    "read_items",
    "read_numbers",
    "read_unlabelled",
    "script_of",
    "skipped_sentences",
    "sniff",
    "standard_views",
    "surveyed",
    "uneven_losses",
    "with_volumes",
    "words_of",
]
