"""Applies the OpenAPI Overlay, and suggests fixed actions."""
