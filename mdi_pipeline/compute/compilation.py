"""How the kernels are compiled: to machine code, once, without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """The function as machine code, kept on disk so that a second process does not compile again.

    Numba keeps it beside the source, or in the user's cache folder where that cannot be written, or where
    `NUMBA_CACHE_DIR` says. Where none of them can be written each process compiles for itself. What is kept
    is made again when the function's own file changes, and only then: a compiled function therefore uses no
    function and no value of another of our modules; such values are handed to it as arguments.
    """
    try:
        return cast("Kernel", numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:
        return cast("Kernel", numba.njit(nogil=True)(function))


def inlined(function: Kernel) -> Kernel:
    """As machine code too, but only as a part of the compiled functions that call it.

    A call of its own would count references to every array that is passed, which costs more than the work
    of a small function and makes cores wait for each other.
    """
    return cast("Kernel", numba.njit(nogil=True, forceinline=True)(function))
