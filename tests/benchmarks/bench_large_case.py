"""What the commands take in a case with 2,000 merchants, an obligation for each, beside one that only lists cases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

MERCHANTS = 2_000
SCOPE = Path(__file__).parents[2] / "config/drills/exposed-bucket/scope.yaml"
TOCSIN = str(Path(sys.executable).with_name("tocsin"))


def merchants(path: Path) -> None:
    """A list of merchants as it is imported; a third of them have 24 hours by contract."""
    rows = ["merchant_id,name,email,language,people,records,kinds,contract_hours"]
    rows += [f"M-{n:05},Shop {n},m{n}@example.org,en,4,9,name,{'' if n % 3 else 24}" for n in range(MERCHANTS)]
    path.write_text("\n".join(rows), encoding="utf-8")


def test_commands_in_a_case_with_many_merchants(tmp_path: Path) -> None:
    """Play the case through the real commands, each in its own process; ratios to `tocsin list` with nothing in it."""
    environment = {**os.environ, "TOCSIN_HOME": str(tmp_path / "home")}

    def ran(*words: str) -> float:
        begun = time.perf_counter()
        subprocess.run([TOCSIN, *words], env=environment, check=True, capture_output=True)
        return time.perf_counter() - begun

    added = [TOCSIN, "user", "add", "dpo", "--role", "dpo,lead", "--json"]
    made = subprocess.run(added, env=environment, check=True, capture_output=True, text=True)
    environment["TOCSIN_TOKEN"] = json.loads(made.stdout)["token"]
    floor = min(ran("list") for _ in range(3))
    ran("open", "Benchmark", "--detected", "2 h ago")
    ran("aware", "1", "--at", "1 h ago", "--basis", "the log")
    ran("assess", "1", "--file", str(SCOPE))
    ran("decide", "1", "--authority", "notify", "--people", "notify", "--because", "copied")
    merchants(tmp_path / "merchants.csv")
    print(f"\n{'list, nothing in it':30} {floor:.2f} s")
    again = ("aware", "1", "--at", "70 min ago", "--basis", "the log", "--reason", "the log, read again")
    for name, words in {
        f"merchants import, {MERCHANTS:,}": ("merchants", "import", "1", str(tmp_path / "merchants.csv")),
        "respond": ("respond", "1"),
        "deadlines": ("deadlines",),
        "show": ("show", "1"),
        "assess again": ("assess", "1", "--file", str(SCOPE)),
        "aware again, all restarted": again,
        "report": ("report", "1", "--format", "html", "-o", str(tmp_path / "papers")),
        "verify": ("verify",),
    }.items():
        taken = ran(*words)
        print(f"{name:30} {taken:.2f} s, {taken / floor:.1f} x list")
