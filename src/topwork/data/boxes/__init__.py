"""Annotation files of object detection, read into one form."""
