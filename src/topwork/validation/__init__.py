"""Cross-validation of exactly the head that becomes the model."""
