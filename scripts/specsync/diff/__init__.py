"""Compares the facts of two documents and judges each change."""
