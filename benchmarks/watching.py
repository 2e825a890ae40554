"""What a process uses while it works, and when: CPU time and memory, from outside and with no part in it."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

INTERVAL = 0.02
"""Seconds between two looks: a step's CPU time is right to about that, its peak is that of whole intervals."""

RESET_PEAK = "5"
"""What makes the kernel forget a process's peak of memory so far: see proc_pid_clear_refs(5)."""

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
GIGABYTES_PER_KILOBYTE = 1024 / 1e9


class Failed(Exception):
    """The watched process ended with an error; the message is what it said last."""


@dataclass(frozen=True)
class Used:
    """Seconds by the clock, CPU seconds of all threads, and the most memory held, in GB."""

    seconds: float
    cpu_seconds: float
    gigabytes: float


@dataclass(frozen=True)
class Watched:
    """A process from start to end: at each `moment` (Unix time) its CPU seconds so far, and its peak since the last."""

    moments: np.ndarray
    cpu_seconds: np.ndarray
    gigabytes: np.ndarray

    def between(self, start: float, end: float) -> Used:
        """What it used between two moments. Memory is what it held, earlier work's leavings included."""
        cpu = np.interp([start, end], self.moments, self.cpu_seconds)
        # An interval counts for where most of it lies.
        middle = self.moments - INTERVAL / 2
        inside = (middle >= start) & (middle <= end)
        peak = self.gigabytes[inside].max() if inside.any() else np.interp(end, self.moments, self.gigabytes)
        return Used(end - start, float(cpu[1] - cpu[0]), float(peak))

    def whole(self) -> Used:
        """What it used in all."""
        return self.between(self.moments[0], self.moments[-1])


def watch(command: list[str], log: Path) -> Watched:
    """Run a command and watch it; what it prints goes to `log`. The peaks are exact: the kernel's own, reset each time.

    Raises `Failed` where it ends with an error.
    """
    seen = [(time.time(), 0.0, 0.0)]
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        while process.poll() is None:
            seen += _look(process.pid)
            time.sleep(INTERVAL)
    if process.returncode:
        raise Failed(f"{' '.join(command)}: ended with {process.returncode}; {log} says\n{log.read_text()[-2000:]}")
    moments, cpu, peaks = zip(*seen, strict=True)
    return Watched(np.array([*moments, time.time()]), np.array([*cpu, cpu[-1]]), np.array([*peaks, 0.0]))


def _look(pid: int) -> list[tuple[float, float, float]]:
    """The moment, CPU seconds so far and the peak since the last look; nothing where the process has just ended."""
    process = Path(f"/proc/{pid}")
    try:
        usage = (process / "stat").read_text().rpartition(")")[2].split()
        status = (process / "status").read_text()
        peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        (process / "clear_refs").write_text(RESET_PEAK)
    except (OSError, StopIteration):
        return []
    return [(time.time(), (int(usage[11]) + int(usage[12])) / TICKS_PER_SECOND, int(peak) * GIGABYTES_PER_KILOBYTE)]
