"""Names of classes as training texts."""

from topwork.trials.names.named_trial import named_trial, names_of

__all__ = ["named_trial", "names_of"]
