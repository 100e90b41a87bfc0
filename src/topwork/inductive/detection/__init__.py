"""Detectors from images with boxes."""
