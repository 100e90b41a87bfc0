"""What the bundles of models say about themselves, by what they predict from."""
