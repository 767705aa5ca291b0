"""What the fake gateway remembers: accounts, jobs and files, and how a job proceeds over time."""
