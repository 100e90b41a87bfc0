"""What helps with few labels per class: the names of the classes, and a prior of earlier tasks."""

from topwork.trials.few_shot.class_texts import class_texts, items_of_names, names_of
from topwork.trials.few_shot.named_trial import named_trial
from topwork.trials.few_shot.prior_trial import prior_trial

__all__ = ["class_texts", "items_of_names", "named_trial", "names_of", "prior_trial"]
