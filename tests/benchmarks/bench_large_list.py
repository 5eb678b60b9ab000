"""What the commands take in a case with 100,000 people listed, written to, and answered for."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

PEOPLE = 100_000
SCOPE = Path(__file__).parents[2] / "config/drills/exposed-bucket/scope.yaml"
TOCSIN = str(Path(sys.executable).with_name("tocsin"))


def people(path: Path) -> None:
    """A list of people as it is imported, in the three languages there are texts in."""
    languages = ("de", "en", "fr")
    rows = [f"p{number}@example.org,{languages[number % 3]},DE" for number in range(PEOPLE)]
    path.write_text("\n".join(("email,language,country", *rows)), encoding="utf-8")


def test_commands_in_a_case_with_many_people(tmp_path: Path) -> None:
    """Play the case through the real commands, each in its own process; ratios to `tocsin list` with nothing in it.

    The letters are not written one by one: the ledger is told that all of them were accepted.
    """
    environment = {**os.environ, "TOCSIN_HOME": str(tmp_path / "home")}

    def ran(*words: str, refused: bool = False) -> tuple[float, str]:
        begun = time.perf_counter()
        done = subprocess.run([TOCSIN, *words], env=environment, check=False, capture_output=True, text=True)
        taken = time.perf_counter() - begun
        assert (done.returncode != 0) is refused, done.stderr
        return taken, done.stdout

    def person(name: str, roles: str) -> str:
        return str(json.loads(ran("user", "add", name, "--role", roles, "--json")[1])["token"])

    dpo = person("dpo", "admin,dpo,lead")
    environment["TOCSIN_TOKEN"] = dpo
    counsel = person("counsel", "approver")
    floor = min(ran("list")[0] for _ in range(3))
    ran("open", "Benchmark", "--detected", "2 h ago")
    ran("aware", "1", "--at", "1 h ago", "--basis", "the log")
    ran("assess", "1", "--file", str(SCOPE))
    ran("decide", "1", "--authority", "notify", "--people", "notify", "--because", "copied")
    people(tmp_path / "people.csv")
    print(f"\n{'list, nothing in it':30} {floor:.2f} s")

    def printed(name: str, *words: str, refused: bool = False) -> None:
        taken, _ = ran(*words, refused=refused)
        print(f"{name:30} {taken:.2f} s, {taken / floor:.1f} x list")

    printed(f"people import, {PEOPLE:,}", "people", "import", "1", str(tmp_path / "people.csv"))
    printed("respond", "respond", "1")
    environment["TOCSIN_TOKEN"] = counsel
    for load in json.loads(ran("drafts", "1", "--json")[1]):
        if load["kind"] == "people":
            ran("approve", "1", load["draft"], "--sha256", load["sha256"])
    environment["TOCSIN_TOKEN"] = dpo
    confirm = ("--confirm", f"INC-{time.gmtime().tm_year}-0001:{PEOPLE}")
    printed(f"send, {PEOPLE:,}", "send", "1", "people", *confirm)
    with sqlite3.connect(tmp_path / "home" / "tocsin.sqlite3") as ledger:
        ledger.execute(
            "UPDATE message SET state = 'accepted', settled_at = created_at, next_try_at = NULL WHERE kind = 'people'"
        )
    for name, words, refused in (
        ("people status", ("people", "status", "1"), False),
        ("send again, refused", ("send", "1", "people", *confirm), True),
        ("respond, everybody written to", ("respond", "1"), False),
        ("show", ("show", "1"), False),
        ("open another case", ("open", "Another", "--detected", "now"), False),
        ("report", ("report", "1", "--format", "html", "-o", str(tmp_path / "papers")), False),
        ("close, refused", ("close", "1"), True),
        ("verify", ("verify",), False),
    ):
        printed(name, *words, refused=refused)
