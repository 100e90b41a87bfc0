"""What the commands do with models that inspect parts."""
