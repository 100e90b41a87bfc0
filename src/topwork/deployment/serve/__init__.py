"""Fitted models behind HTTP: one process, bounded in everything, with a page to try them on."""
