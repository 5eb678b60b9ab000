"""How much of an address or a secret a log line, an error or a repr may show. A masked value cannot be turned back."""

import re
from typing import Final

# Wider than an address may be: ``<ann@example.org>,`` is found without its brackets and comma, and so is ``a@b``. What
# is taken out wrongly is a word; what stays wrongly is a person's address in a log.
_ADDRESS: Final = re.compile(r'[^\s@<>()\[\]",;:]+@[^\s@<>()\[\]",;:]+')
_SHOWN_FROM_LENGTH: Final = 3  # a local part shorter than this would be mostly given away by its first letter


def mask_address(address: str) -> str:
    """Show the first letter and the domain: ``a***@example.org``; anything that is no address becomes ``***``."""
    local, at, domain = address.rpartition("@")
    # A line break or control character would let an address write lines of its own into a log.
    if not (at and local and domain) or not address.isprintable():
        return "***"
    return f"{local[0] if len(local) >= _SHOWN_FROM_LENGTH else ''}***@{domain}"


def remove_addresses(text: str) -> str:
    """Replace every address inside a text by ``[address]``: for words that others wrote, where even a domain tells."""
    return _ADDRESS.sub("[address]", text)


class Secret:
    """A key or a URL that holds one: usable by `reveal`, silent in repr, str, format and pickle."""

    __slots__ = ("_hidden",)

    def __init__(self, hidden: str) -> None:
        """Take the secret as it is."""
        self._hidden = hidden

    def reveal(self) -> str:
        """Give the secret itself, for the one call that needs it."""
        return self._hidden

    def remove_from(self, text: str) -> str:
        """Replace the secret inside a text by ``[secret]``."""
        # An empty secret would otherwise put ``[secret]`` between all letters: replace("", ...) matches everywhere.
        return text.replace(self._hidden, "[secret]") if self._hidden else text

    def __repr__(self) -> str:
        """Show that there is a secret, not which."""
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        """Refuse to be pickled: a pickle is a file somebody else may read."""
        message = "a secret cannot be pickled; hand over the settings and build it anew"
        raise TypeError(message)
