"""A fitted model that says which parts are anomalous, and where."""
