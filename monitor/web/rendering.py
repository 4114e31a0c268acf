"""Templates, filled in: everything escaped, a missing name an error, scripts and styles only as files of ours."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monitor.web import words

_HERE: Final = Path(__file__).resolve().parent
_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file a browser may ask for, also compressed."""

    body: bytes
    packed: bytes
    media_type: str
    mark: str
    """Of its content, put behind its address, so that a browser may keep it for ever."""


@cache
def assets() -> Mapping[str, Asset]:
    """The files of `static/` by the name in their address, e.g. `vendor/htmx.min.js`."""
    root = _HERE / "static"
    paths = [path for path in sorted(root.rglob("*")) if path.suffix in _TYPES]
    return {path.relative_to(root).as_posix(): _asset(path) for path in paths}


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    mark = hashlib.sha256(body).hexdigest()[:10]
    return Asset(body, gzip.compress(body, mtime=0), _TYPES[path.suffix], mark)


def address(name: str) -> str:
    """Where a file of `static/` is asked for; KeyError where there is none."""
    return f"/static/{name}?v={assets()[name].mark}"


@cache
def environment() -> Environment:
    """The templates with what they may call; see `words` for the filters."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(words.FILTERS)
    made.globals["asset"] = address
    return made


def render(template: str, **names: Any) -> str:
    """One template as HTML."""
    return environment().get_template(template).render(**names)
