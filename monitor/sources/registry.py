"""Finding the sources of this build: every module of this folder that has a SOURCE."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Final

from monitor.model import Source

_HELPERS: Final = {
    "registry",
    "biff",
    "cells",
    "tables",
    "kx",
    "cot",
    "cot_files",
    "cot_releases",
    "funds",
    "histories",
    "unzip",
    "workbooks",
    "pdf",
    "glance",
    "cme",
    "bulletin",
    "plausible",
}


def discover() -> tuple[dict[str, Source], dict[str, str]]:
    """(sources by name, reason by module name for those that do not load).

    Called by composition roots and by the decoding child, never at import. One broken file disables
    itself and leaves the others alone.
    """
    from monitor import sources

    found: dict[str, Source] = {}
    broken: dict[str, str] = {}
    for module in sorted(pkgutil.iter_modules(sources.__path__), key=lambda m: m.name):
        if module.name in _HELPERS:
            continue
        try:
            source = import_module(f"monitor.sources.{module.name}").SOURCE
            if not isinstance(source, Source) or source.name != module.name:
                raise TypeError(f"SOURCE must be a Source named {module.name}")  # noqa: TRY301 - one place records it
            found[source.name] = source
        except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way; it is named, and the rest go on
            broken[module.name] = f"{type(error).__name__}: {error}"
    return found, broken
