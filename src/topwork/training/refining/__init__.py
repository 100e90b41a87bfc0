"""How a backbone is refined on items without labels, of each modality."""

from topwork.training.refining.modality import REFINED_BY
from topwork.training.refining.refining_context import RefinedWeights, RefiningContext

__all__ = ["REFINED_BY", "RefinedWeights", "RefiningContext"]
