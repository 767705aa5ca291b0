"""What a provider's profile says: the kinds of difference that there are between providers, without any name.

The profiles themselves are in :mod:`portkey_ft._providers`. A new thing that providers differ in becomes a field of
:class:`ProviderProfile` (or of :class:`DatasetRules` and :class:`UploadRoute`, for training files), with the value
that holds for an unknown provider as its default. What becomes of the
arguments of ``fine_tuning.jobs.create`` is in :class:`CreateRules`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, Literal

from attrs import field, frozen

if TYPE_CHECKING:
    from portkey_ft.datasets._values import DatasetFormat

__all__ = [
    "CreateRules",
    "DatasetRules",
    "HyperparameterRule",
    "ImageLimits",
    "MethodForm",
    "ProviderProfile",
    "RequiredSetting",
    "RowRules",
    "RowVariant",
    "UploadRoute",
]

_MEBIBYTE: Final = 1024 * 1024


@frozen
class ImageLimits:
    """What a provider publishes about images in a training file; None where it says nothing.

    Attributes:
        formats: The image formats it takes, as the subtypes of ``image/...``.
        per_example: The most images in one example.
        maximum_bytes: The largest image.
        maximum_examples: The most examples with images in one file.
        schemes: How the address of an image may begin.
    """

    formats: frozenset[str] | None = None
    per_example: int | None = None
    maximum_bytes: int | None = None
    maximum_examples: int | None = None
    schemes: tuple[str, ...] = ("https://", "http://", "data:")


@frozen
class RowRules:
    """What arrives of a row where the gateway writes rows anew; by the defaults, everything.

    ``check`` and ``files.create`` refuse a row of which something that is learned would be lost, and warn of the rest.

    Attributes:
        formats: The forms of an example that arrive; None for all.
        keys: The keys of an example that arrive.
        message_keys: The keys of a message that arrive.
        roles: The roles of messages that arrive.
        parts: The types of content parts that arrive; an empty set where a content must be a text.
        system_required: Whether the first message is lost unless it is a system message.
        system_only_first: Whether a system message further down is lost.
        system_one_part: Whether of a system message in parts only the first part arrives.
        alternating_start: Whether the row is dropped unless a user's message comes second and an assistant's last.
        text_beside_calls: Whether the text of an assistant's message that calls tools arrives.
        calls_as_objects: Whether the arguments of calls are parsed: no JSON drops the row, large numbers are rounded.
        tool_name_required: Whether a tool's message must name its tool, which gets a made-up name otherwise.
        schema_keys_lost: Keys of a tool's definition that do not arrive.
        image_keys: The keys of an image that arrive; None for all.
        image_suffix_required: Whether an image's web address must end in a file suffix to have a MIME type.
    """

    formats: frozenset[DatasetFormat] | None = None
    keys: frozenset[str] | None = None
    message_keys: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    parts: frozenset[str] | None = None
    system_required: bool = False
    system_only_first: bool = False
    system_one_part: bool = False
    alternating_start: bool = False
    text_beside_calls: bool = True
    calls_as_objects: bool = False
    tool_name_required: bool = False
    schema_keys_lost: frozenset[str] = frozenset()
    image_keys: frozenset[str] | None = None
    image_suffix_required: bool = False


@frozen
class RowVariant:
    """Other rules for rows, which the gateway applies by a header of the upload.

    Attributes:
        header: The header.
        pattern: A regular expression that its whole value matches.
        rows: The rules that then hold.
    """

    header: str
    pattern: str
    rows: RowRules


@frozen
class RequiredSetting:
    """A setting that an upload cannot do without.

    Attributes:
        headers: The headers that carry it, any of which will do.
        what: What it is, for the message.
        example: How it is written in ``provider_headers=``.
    """

    headers: tuple[str, ...]
    what: str
    example: str


@frozen
class UploadRoute:
    """What the gateway's route for uploads makes of a training file; by the defaults, it passes the bytes on.

    Attributes:
        reads_lines: Whether it goes through the file line by line. Blank lines, a byte order mark and white space
            around a line are then better not sent.
        rows: What arrives of each row.
        variants: Other rules for rows, by a header.
        ascii_only: Whether other characters are damaged as soon as a file is larger than one read of the gateway.
        maximum_characters: The most UTF-16 units of all rows that arrive as one piece.
        suffix: How the file's name must end; None for anything.
        further_fields: Whether further fields of the form arrive; where they do not, some become rows of the file.
        required: Settings without which nothing arrives.
        size_header: The header that announces the size of the file as it will be stored, less one.
        config_keys: The names in a config for headers that are read from a config, and from nowhere else, once it
            names the provider.
        loses_content_type: Headers with which the gateway drops the content type of the form, unless told to keep it.
        stored_size: What the size in its response can be compared with: the bytes that were sent, the rows as it
            rewrites them, or nothing (None).
    """

    reads_lines: bool = False
    rows: RowRules = RowRules()
    variants: tuple[RowVariant, ...] = ()
    ascii_only: bool = False
    maximum_characters: int | None = None
    suffix: str | None = None
    further_fields: bool = True
    required: tuple[RequiredSetting, ...] = ()
    size_header: str | None = None
    config_keys: Mapping[str, str] = field(factory=dict[str, str])
    loses_content_type: frozenset[str] = frozenset()
    stored_size: Literal["sent", "rewritten"] | None = None

    def row_rules(self, headers: Mapping[str, str]) -> RowRules:
        """Give the rules for rows that hold with these headers, whose names are in lower case."""
        for variant in self.variants:
            if re.fullmatch(variant.pattern, headers.get(variant.header, "")):
                return variant.rows
        return self.rows


@frozen
class DatasetRules:
    """What a provider asks of a training file; the defaults are those of OpenAI and Azure, by far the most used.

    Attributes:
        provider: The provider as it is named in messages; None where the rules are those common to all.
        formats: The forms of an example that it trains on.
        minimum_examples: Fewer are refused.
        maximum_bytes: A larger file is refused; None where no limit is documented.
        byte_order_mark: Whether a byte order mark at the start is welcome.
        system_only_first: Whether a system message further down is refused, and not only unusual.
        images: What it takes of images.
    """

    provider: str | None = None
    formats: frozenset[DatasetFormat] = frozenset({"chat", "completion", "preference", "reinforcement"})
    minimum_examples: int = 10
    maximum_bytes: int | None = 512 * _MEBIBYTE
    byte_order_mark: bool = False
    system_only_first: bool = False
    images: ImageLimits = ImageLimits()


class MethodForm(Enum):
    """Where the gateway's route to a provider looks for ``method`` and ``hyperparameters`` of a job."""

    #: Nothing is known: both places, with equal values.
    UNKNOWN = auto()
    #: Both are passed on as they are.
    AS_GIVEN = auto()
    #: ``method`` is passed on only if ``hyperparameters`` stands beside it, be it empty; otherwise it is dropped.
    WITH_HYPERPARAMETERS = auto()
    #: Only ``hyperparameters`` is read, and a ``method`` beside it may take its place.
    HYPERPARAMETERS_ALONE = auto()


@frozen
class HyperparameterRule:
    """How a hyperparameter arrives that does not arrive as it was given.

    Attributes:
        number_becomes: What a number is taken for, where only text arrives as it was given.
        takes_auto: Whether the text ``"auto"`` stands for the provider's own choice.
        drops_zero: Whether the gateway drops the value 0.
        only_models: A part of the names of the models that read it, where not all of them do.
        others_read: The name under which the other models would read it.
        warning: What the provider takes the value for, where it arrives with another meaning.
    """

    number_becomes: str | None = None
    takes_auto: bool = True
    drops_zero: bool = False
    only_models: str | None = None
    others_read: str | None = None
    warning: str | None = None


@frozen
class CreateRules:
    """What arrives at a provider of the arguments of ``fine_tuning.jobs.create``.

    Attributes:
        method_form: Where the route looks for method and hyperparameters.
        methods: The types of method that arrive; None if every one does.
        hyperparameters: The hyperparameters that arrive; None if every one does.
        lost: The other arguments that do not arrive, each with what becomes of it.
        output_file_is_object: Whether the provider wants ``output_file`` as ``{"s3Uri": ...}``.
        prefixes: What the gateway puts before an argument, whether or not it is there already; ``*`` is any one part.
    """

    method_form: MethodForm = MethodForm.UNKNOWN
    methods: frozenset[str] | None = None
    hyperparameters: Mapping[str, HyperparameterRule] | None = None
    lost: Mapping[str, str] = field(factory=dict[str, str])
    output_file_is_object: bool = False
    prefixes: Mapping[str, str] = field(factory=dict[str, str])


@frozen
class ProviderProfile:
    """What is particular about a provider; the defaults hold for one that is not known.

    Attributes:
        name: Its name at the gateway; None for a provider that is not known.
        aliases: Other names under which :func:`portkey_ft.datasets.check` takes it.
        unsupported: Operations that the gateway routes but cannot do for this provider. It does not say so: it asks
            the provider for something else, and passes on whatever comes back.
        follows_cursor: Whether the cursor of a list leads to the next page. Where it does not, the provider takes a
            page token and the gateway hands out an id.
        drops_query: Lists of which the gateway sends no query on, neither cursor nor page size.
        drops_list_filters: Whether the gateway drops the filters of a list, so that it comes unfiltered.
        any_post_cancels: Whether the gateway takes every POST below the path of a job, be it ``/pause``, for a
            cancellation.
        create: What arrives of the arguments of ``fine_tuning.jobs.create``.
        dataset: What it asks of a training file.
        upload: What the gateway makes of a training file on its way there.
    """

    name: str | None = None
    aliases: frozenset[str] = frozenset()
    unsupported: frozenset[str] = frozenset()
    follows_cursor: bool = True
    drops_query: frozenset[str] = frozenset()
    drops_list_filters: bool = False
    any_post_cancels: bool = False
    create: CreateRules = CreateRules()
    dataset: DatasetRules = DatasetRules()
    upload: UploadRoute = UploadRoute()
