"""What works, and what is refused, where the core alone is installed.

The packages of all extras are hidden, so that these tests say the same wherever they run;
``make test-core`` runs them where the packages really are absent.
"""
