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


def refusal(sandbox: PlainSandbox, name: str) -> str:
    with pytest.raises(WordingError) as refused:
        sandbox.write(name, {"text": "t"})
    return str(refused.value)


def test_nothing_that_jinja_brings_along_can_be_named(tmp_path):
    sandbox, expected = PlainSandbox(tmp_path), {}
    for number, (source, said) in enumerate(BROUGHT_ALONG):
        (tmp_path / f"{number}.txt.j2").write_text(source)
        expected[source] = (refusal(sandbox, f"{number}.txt.j2"), said)
    assert {source: found for source, (found, said) in expected.items() if said not in found} == {}
    assert len(expected) > 80
