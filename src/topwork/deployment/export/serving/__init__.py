"""Folders that are ready for servers of models: with the graph, or with the bundle."""
