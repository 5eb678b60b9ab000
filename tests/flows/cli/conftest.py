from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.builders.apps import adapted

SCOPE = """\
summary: An export of merchant accounts was readable by anybody.
likely_consequences: [phishing]
measures_taken: [access_closed]
advice: [change_password]
data_sets:
- name: merchant accounts
  role: controller
  subjects: [merchants]
  kinds: [email, name, hashed_password]
  people: 2
  records: 2
  countries: {DE: 1, FR: 1}
  breach: [confidentiality]
  published: yes
  exfiltration: possible
"""

PEOPLE = "email,language,country\none@example.org,en,DE\ntwo@example.org,en,FR\n"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What one command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return json.loads(self.err)["error"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A TOCSIN_HOME of this test's own, and a folder to work in."""
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tocsin(home, capfd, monkeypatch):
    """Run a command in this process, as the owner of a token if one is given."""
    from flows.cli import main

    def run(*arguments: str, token: str | None = None) -> Ran:
        capfd.readouterr()
        with monkeypatch.context() as patch:
            if token is not None:
                patch.setenv("TOCSIN_TOKEN", token)
            code = main(list(arguments))
        said = capfd.readouterr()
        return Ran(code=int(code), out=said.out, err=said.err)

    return run


@pytest.fixture
def people_of_ours(tocsin):
    """Tokens of an administrator, a DPO and a second person."""
    admin = tocsin("user", "add", "admin", "--role", "admin").out.strip()
    return {
        "admin": admin,
        "dpo": tocsin("user", "add", "dpo", "--role", "dpo", token=admin).out.strip(),
        "second": tocsin("user", "add", "second", "--role", "approver,lead", token=admin).out.strip(),
    }


@pytest.fixture
def scope(home) -> str:
    path = home / "scope.yaml"
    path.write_text(SCOPE, encoding="utf-8")
    return str(path)


@pytest.fixture
def people_file(home) -> str:
    path = home / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    return str(path)


@pytest.fixture
def opened(tocsin) -> str:
    """A case that was just opened."""
    return tocsin("open", "Export readable by anybody", "--detected", "2 h ago", "--json").json["ref"]


@pytest.fixture
def decided(tocsin, opened, scope, people_of_ours) -> str:
    """A case in which authority and people are to be told."""
    assert tocsin("aware", opened, "--at", "1 h ago", "--basis", "logs show downloads").code == 0
    assert tocsin("assess", opened, "--file", scope).code == 0
    notify = ("--authority", "notify", "--people", "notify", "--because", "high risk")
    assert tocsin("decide", opened, *notify, token=people_of_ours["dpo"]).code == 0
    return opened


@pytest.fixture
def own_organisation(home) -> Path:
    """An organisation of our own: nothing of the example's is left, so its texts may go out."""
    path = home / "home" / "organisation.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(adapted(), encoding="utf-8")
    return path


@pytest.fixture
def drafted(tocsin, own_organisation, decided, people_file) -> str:
    """The same, with the people listed and every draft written."""
    assert tocsin("people", "import", decided, people_file).code == 0
    assert tocsin("respond", decided).code == 0
    return decided


@pytest.fixture
def sha256_of(tocsin):
    def of(reference: str, draft: str) -> str:
        return tocsin("preview", reference, draft, "--json").json["sha256"]

    return of
