"""Judging by domains: sites, scanners, cameras."""
