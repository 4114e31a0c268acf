"""The walls around ad-hoc SQL that do not depend on reading the statement: the kernel's and DuckDB's.

The kernel bounds memory, time, files and processes, and (Landlock) opens no file once the database is open.
DuckDB is read-only, without external access, without a file system, and its configuration is locked.
"""

import ctypes
import math
import os
import resource
import signal
import struct
import sys
from typing import Any, Final

import _duckdb as duckdb  # the engine alone: `import duckdb` adds 70 ms of Python that this child never calls

THREADS: Final = 2
_HIGHEST_OPEN_FILE: Final = 32

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
_LANDLOCK_RIGHTS: Final = ((1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1)
"""Every file right that version 1, 2, ... of the interface knows; the last holds for newer ones."""


def limit_process(memory_mb: int, seconds: float, parent: int) -> None:
    """Bound memory, processor time, file writes, open files; die with the parent; never gain a right."""
    cpu = math.ceil(seconds * THREADS) + 3
    _limit(resource.RLIMIT_AS, memory_mb << 20)
    _limit(resource.RLIMIT_CPU, cpu)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _HIGHEST_OPEN_FILE)
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def landlock_version() -> int:
    """Version of the kernel's Landlock interface; 0 where it has none."""
    if sys.platform != "linux":
        return 0
    version: int = ctypes.CDLL(None).syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    return max(0, version)


def confine_files() -> bool:
    """Let this thread and all it starts open no file and no TCP connection; False where the kernel has no Landlock.

    What is open stays open: the database must be, and DuckDB's other threads must not.
    """
    version = landlock_version()
    if version == 0:
        return False
    syscall = ctypes.CDLL(None).syscall
    rights = _LANDLOCK_RIGHTS[min(version, len(_LANDLOCK_RIGHTS)) - 1]
    handled = struct.pack("QQQ", rights, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    rules = syscall(_LANDLOCK_CREATE, handled, ctypes.c_size_t(len(handled)), 0)
    return bool(rules >= 0 and syscall(_LANDLOCK_RESTRICT, rules, 0) == 0)


def open_database(database: str, memory_mb: int) -> duckdb.DuckDBPyConnection:
    """A read-only connection without threads of its own, until `lock` starts them behind the kernel's wall.

    DuckDB gets two thirds of the address space, so that it is the one to say when it is full.
    """
    config: dict[str, Any] = {"threads": 1, "memory_limit": f"{memory_mb * 2 // 3}MB"}
    if int(duckdb.__version__.split(".", maxsplit=1)[0]) >= 2:
        config["async_threads"] = 0  # local files need none
    return duckdb.connect(database, read_only=True, config=config)


def lock(con: duckdb.DuckDBPyConnection) -> None:
    """Take away files, network, extensions and, last, the right to give them back.

    External access alone is not enough: DuckDB counts its own database file as allowed, and
    `COPY ... TO` that file overwrites it. Without a file system it cannot.
    """
    for setting in (
        f"threads = {THREADS}",
        "TimeZone = 'UTC'",
        "temp_directory = ''",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "allow_community_extensions = false",
        "allow_persistent_secrets = false",
        "python_enable_replacements = false",
        "enable_external_access = false",
        "disabled_filesystems = 'LocalFileSystem'",
        "lock_configuration = true",
    ):
        con.execute(f"SET {setting}")
    _limit(resource.RLIMIT_NPROC, 0)
