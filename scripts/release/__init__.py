"""What is done before a release: the public surface is compared, the wheel is looked through."""
