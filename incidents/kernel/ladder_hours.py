"""A reminder ladder as people write it down, in hours: in a law file, in the shipped default, in organisation.yaml.

What a ladder does with a deadline is `incidents/law/reminder_ladder.py`.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, PositiveInt, model_validator

from incidents.kernel.strict_model import StrictModel

LadderStep = Annotated[PositiveInt, Field(le=24 * 366)]
"""A step in hours: above zero, a year at most."""


class LadderHours(StrictModel):
    """The steps before and after due, in the order in which they come, and how often afterwards."""

    warn_before: LadderStep
    before: tuple[LadderStep, ...]
    after: tuple[LadderStep, ...]
    then_every: LadderStep

    @model_validator(mode="after")
    def _in_order_and_once(self) -> Self:
        # Sorting would be easy and would hide a slip of the pen: ``before: [48, 2, 12]`` was meant to be something
        # else.
        if list(self.before) != sorted(self.before, reverse=True) or list(self.after) != sorted(self.after):
            message = "write the steps in the order in which they come: `before` falling, `after` rising"
            raise ValueError(message)
        for name, steps in (("before", self.before), ("after", self.after)):
            if len(set(steps)) != len(steps):
                message = f"the same step stands twice in `{name}`"
                raise ValueError(message)
        return self
