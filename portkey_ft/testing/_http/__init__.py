"""HTTP without a network library: messages, routes, forms, the loopback server, and the transport of httpx."""
