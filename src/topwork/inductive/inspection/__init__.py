"""Models that are fitted on good parts only: the estimator and the fit behind it."""
