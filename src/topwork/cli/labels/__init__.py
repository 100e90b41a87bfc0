"""What the commands do with models that predict several labels per item."""
