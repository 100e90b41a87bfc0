"""Going on from a saved model."""
