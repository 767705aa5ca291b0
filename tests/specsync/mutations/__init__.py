"""Changes that upstream could make to the selected operations, each with the verdict that it must get."""

from tests.specsync.mutations import (
    alternatives,
    beside,
    breaking,
    deep,
    harmless,
    in_requests,
    in_responses,
    modern,
    neutral,
    operations,
    shared_parts,
    spellings,
    unreadable,
)
from tests.specsync.mutations.edits import ADDITIVE, STOPPED, Hurts, Mutation

MUTATIONS: tuple[Mutation, ...] = (
    *harmless.MUTATIONS,
    *breaking.MUTATIONS,
    *in_responses.MUTATIONS,
    *in_requests.MUTATIONS,
    *alternatives.MUTATIONS,
    *beside.MUTATIONS,
    *spellings.MUTATIONS,
    *operations.MUTATIONS,
    *shared_parts.MUTATIONS,
    *neutral.MUTATIONS,
    *modern.MUTATIONS,
    *deep.MUTATIONS,
    *unreadable.MUTATIONS,
)

__all__ = ["ADDITIVE", "MUTATIONS", "STOPPED", "Hurts", "Mutation"]
