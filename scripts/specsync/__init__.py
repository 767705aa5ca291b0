"""Keeps a generated API client in step with the OpenAPI document that it is generated from."""
