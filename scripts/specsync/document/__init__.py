"""JSON values, YAML and the grammar of OpenAPI documents."""
