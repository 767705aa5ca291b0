"""Hashes, locks and replaces files of the project."""
