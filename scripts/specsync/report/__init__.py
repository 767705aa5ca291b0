"""What a command reports, and how it is rendered."""
