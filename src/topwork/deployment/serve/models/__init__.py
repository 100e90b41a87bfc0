"""The models that are served: loaded, verified, watched, and asked in batches."""
