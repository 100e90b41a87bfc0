"""The files of a model: written whole, and checked before they are believed."""
