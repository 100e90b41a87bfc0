"""Labels of this project as other labelling tools have them, and theirs as a table."""

from topwork.labelling.exchange.exchanged import export_labels, import_labels

__all__ = ["export_labels", "import_labels"]
