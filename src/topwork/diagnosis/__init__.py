"""Where and why a model fails."""
