"""What the SDK costs, beside its peers and beside the floor: ``python -m benchmarks``, or ``nox -s bench``."""
