"""Detectors that were trained, and what they found in images held out."""
