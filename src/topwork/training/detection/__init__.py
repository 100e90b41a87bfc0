"""Training a head that finds objects, on stored maps of a frozen network."""
