"""How long the commands of 3 a.m. take, beside importing SQLModel alone: the floor they stand on."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 7


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Run a command once and give its wall time."""
    begun = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - begun


def test_start_up_beside_importing_sqlmodel_alone(tmp_path: Path) -> None:
    """Measure side by side, in turns, so that a busy moment hits all three alike."""
    environment = {**os.environ, "TOCSIN_HOME": str(tmp_path)}
    tocsin = str(Path(sys.executable).with_name("tocsin"))
    commands = {
        "import sqlmodel": [sys.executable, "-c", "import sqlmodel"],
        "tocsin --help": [tocsin, "--help"],
        "tocsin open": [tocsin, "open", "Benchmark", "--detected", "now"],
    }
    for command in commands.values():
        seconds(command, environment)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(seconds(command, environment))
    floor = statistics.median(times["import sqlmodel"])
    for name, taken in times.items():
        middle = statistics.median(taken)
        ratio = f"{middle / floor:.2f} x import sqlmodel"
        print(f"\n{name:18} median {middle:.2f} s, best {min(taken):.2f} s, {ratio}", end="")
    print()
