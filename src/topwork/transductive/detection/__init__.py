"""A detector in a new domain: whether it differs, and which images to annotate."""
