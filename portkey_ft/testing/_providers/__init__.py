"""How each provider responds through the gateway: one module per provider, and what they share."""
