"""Numbers: ridge on features, scores with intervals, conformal intervals of single predictions."""
