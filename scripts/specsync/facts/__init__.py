"""From a document to the facts of the selected operations."""
