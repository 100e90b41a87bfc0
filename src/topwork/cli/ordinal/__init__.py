"""What the commands do with models that predict ordered classes."""
