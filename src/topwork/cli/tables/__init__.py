"""What the commands do with rows of tables that have targets."""
