"""What a long-lived process owes its machine: memory that it is done with."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_LARGE: Final = 1 << 20


def give_back_large_buffers() -> None:
    """Have every buffer of a megabyte or more returned to the system as soon as it is freed.

    glibc takes the largest buffer it ever freed as the measure of what to keep: after one file of 32 MB in the inbox
    it keeps some tens of megabytes for good. Elsewhere this does nothing.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)
