"""What the commands do with models that predict numbers."""
