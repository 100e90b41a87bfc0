"""Features: extraction in one pass, and the store that keeps them."""

from topwork.features.activations import Activations, ArrayActivations, LanceActivations
from topwork.features.budget import DiskBudget
from topwork.features.cut_out import Cuts, cut_features
from topwork.features.encoding import Encoding, bfloat16_bits, from_bfloat16_bits
from topwork.features.extract import FeatureRequest, extract
from topwork.features.extract_views import ViewRequest, extract_views
from topwork.features.fingerprint import Fingerprint, fingerprint
from topwork.features.forward import ExtraRequest, Reading, forward
from topwork.features.parts import Extraction
from topwork.features.rejected import RejectedRecord
from topwork.features.store import FeatureStore, LanceStore, MemoryStore, open_store

__all__ = [
    "Activations",
    "ArrayActivations",
    "Cuts",
    "DiskBudget",
    "Encoding",
    "ExtraRequest",
    "Extraction",
    "FeatureRequest",
    "FeatureStore",
    "Fingerprint",
    "LanceActivations",
    "LanceStore",
    "MemoryStore",
    "Reading",
    "RejectedRecord",
    "ViewRequest",
    "bfloat16_bits",
    "cut_features",
    "extract",
    "extract_views",
    "fingerprint",
    "forward",
    "from_bfloat16_bits",
    "open_store",
]
