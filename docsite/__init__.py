"""Builds the documentation: tutorials that are run, and pages made from the code."""
