"""Live recognition, on real videos, streams and folders."""
