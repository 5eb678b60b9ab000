"""Values that people write down: frozen, and refusing keys that nobody knows."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

PrintableText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000)]
"""A text that is not empty."""


class StrictModel(BaseModel):
    """A frozen value that refuses keys it does not know, so a typing error cannot silently drop anything."""

    # `defer_build`: validators are built when first used, and most commands use few of these models; `open` is to start
    # in under a second.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
