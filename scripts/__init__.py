"""Maintainers' scripts; not shipped."""
