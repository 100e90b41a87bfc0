"""Whole pretrained detectors, which give boxes by themselves."""
