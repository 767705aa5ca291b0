"""The location of a schema in the facts, and who depends on it there."""

from enum import StrEnum

import attrs

from scripts.specsync.document.pointer import join


class Direction(StrEnum):
    """The direction of a value: sent or received."""

    REQUEST = "request"
    RESPONSE = "response"


@attrs.frozen
class SchemaLocation:
    """The location of a schema.

    `component` is the component schema that it is part of. `name` is the nearest property, and `owner` the component
    that has this property, by its old name. `is_read` is false where nobody reads what stands there, such as in an
    error, which is read liberally.
    """

    pointer: str
    component: str | None = None
    owner: str | None = None
    name: str | None = None
    is_read: bool = True
    depth: int = 0

    def inside(self, *tokens: str | int) -> "SchemaLocation":
        """Return the location of a part of this schema."""
        return attrs.evolve(self, pointer=join(self.pointer, *tokens), depth=self.depth + 1)

    def property(self, name: str) -> "SchemaLocation":
        """Return the location of a property of this schema."""
        return attrs.evolve(self.inside("properties", name), owner=self.component, name=name)

    def component_schema(self, old: str, new: str) -> "SchemaLocation":
        """Return the location of a component to which a reference leads from here."""
        pointer = join("/components/schemas", new)
        return attrs.evolve(self, pointer=pointer, component=old, depth=self.depth + 1)
