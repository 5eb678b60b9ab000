"""Nothing of what Jinja brings along is there in a template: no global, no filter, no test."""

from __future__ import annotations

import pytest
from jinja2.sandbox import SandboxedEnvironment

from notifications.letters.sandbox import PlainSandbox, WordingError

JINJA = SandboxedEnvironment()
BROUGHT_ALONG = (
    *(("{{ " + name + " }}", f"'{name}' is undefined") for name in sorted(JINJA.globals)),
    *(("{{ text|" + name + " }}", f"No filter named '{name}'") for name in sorted(JINJA.filters)),
    *(("{{ text is " + name + " }}", f"No test named '{name}'") for name in sorted(JINJA.tests) if name.isidentifier()),
)


def refusal(folder, source: str) -> str:
    (folder / "try.txt.j2").write_text(source)
    with pytest.raises(WordingError) as refused:
        PlainSandbox(folder).write("try.txt.j2", {"text": "t"})
    return str(refused.value)


def test_nothing_that_jinja_brings_along_can_be_named(tmp_path):
    found = {source: refusal(tmp_path, source) for source, _ in BROUGHT_ALONG}
    assert {source: said for source, said in BROUGHT_ALONG if said not in found[source]} == {}
