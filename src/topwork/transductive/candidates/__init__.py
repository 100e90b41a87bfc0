"""The candidates of an adaptation."""
