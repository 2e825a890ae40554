"""Commands in a PID namespace of their own, as in another container on the same host."""

import subprocess

import pytest

UNSHARE = ["unshare", "--pid", "--fork", "--kill-child"]


def refused(command: list[str]) -> str | None:
    """Why a command cannot be run here; None where it can."""
    try:
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return str(error)
    return None if tried.returncode == 0 else tried.stderr.strip()


REFUSED = refused([*UNSHARE, "--mount-proc", "true"])

needs_pid_namespaces = pytest.mark.skipif(
    REFUSED is not None, reason=f"no PID namespace can be made here, as root can: {REFUSED}"
)


def in_pid_namespace(command: list[str], *, own_proc: bool) -> list[str]:
    """A command in a PID namespace of its own; `/proc` shows that namespace, or still the one outside."""
    return [*UNSHARE, *(["--mount-proc"] if own_proc else []), *command]
