"""What helps with few labels per class: the names of the classes, and a prior of earlier tasks."""

from topwork.trials.few_shot.named_trial import named_trial, names_of
from topwork.trials.few_shot.prior_trial import prior_trial

__all__ = ["named_trial", "names_of", "prior_trial"]
