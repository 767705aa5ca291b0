"""Plans without I/O and the drivers that run them."""
