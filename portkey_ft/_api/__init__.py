"""The API side: operations, requests from arguments, values from JSON, exceptions from error responses."""
