"""Generates, audits and proves the client."""
