"""One plan per operation of the client: jobs, files, polling, progress."""
