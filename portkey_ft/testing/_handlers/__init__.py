"""What each operation does, and the router in front of them."""
