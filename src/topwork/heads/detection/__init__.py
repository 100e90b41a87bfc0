"""A head that finds objects: where its cells lie, what they learn, and which boxes remain."""
