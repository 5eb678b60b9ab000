"""The data we keep, set by set: the inventory's file, read strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from config.documents import read_as, read_text
from config.settings import Settings, example_inventory
from incidents.kernel.errors import InvalidInputError, NotFoundError

DataSetName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
"""What a set of data is called on the command line."""

ScopeWord = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""A word of a scope file."""

InventoryLine = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]+$")
]


class InventoryError(InvalidInputError):
    """The inventory cannot be used; each line of the message names file, line and key."""


class UnknownDataError(NotFoundError):
    """There is no set of data of this name; the message lists those there are."""


class InventoryPart(BaseModel):
    """A frozen part of the inventory that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class KeptData(InventoryPart):
    """One set of data we keep."""

    title: InventoryLine
    # Words and no enum: the configuration does not know the facts (pyproject.toml, contract "choices").
    role: Literal["controller", "processor", "joint_controller"]
    """In which role we keep them (Art. 4(7), 4(8), 26 GDPR)."""
    subjects: tuple[ScopeWord, ...] = Field(min_length=1)
    kinds: tuple[ScopeWord, ...] = Field(min_length=1)
    context: Annotated[int, Field(ge=1, le=4)]
    """ENISA's data processing context that these kinds usually have."""
    because: InventoryLine
    """Why they have it."""
    where: InventoryLine | None = None
    """Where they are kept, in words."""


class Inventory(InventoryPart):
    """Every set of data we keep, by name."""

    data: dict[DataSetName, KeptData] = Field(min_length=1)

    def pick(self, name: str) -> KeptData:
        """Give one set of data.

        Raises:
            UnknownDataError: there is none of this name.

        """
        if name not in self.data:
            message = f"{name!r} is not in the inventory; there are: {', '.join(self.data)}"
            raise UnknownDataError(message)
        return self.data[name]


def read_inventory(text: str, name: str) -> Inventory:
    """Read an inventory from YAML *text*, called *name* in messages.

    Raises:
        InventoryError: not YAML, a key is unknown or missing, or a value is not what it must be.

    """
    return read_as(Inventory, text, name, InventoryError)


def find_inventory(settings: Settings) -> Inventory:
    """Read ``data_inventory.yaml`` in the home folder, or else the one that is shipped.

    Raises:
        InventoryError: the file cannot be read or used.

    """
    own: Path = settings.home / "data_inventory.yaml"
    # One or the other and never merged: a set that the organisation took out must not come back from the example.
    path = own if own.exists() else example_inventory()
    return read_inventory(read_text(path, InventoryError), str(path))
