"""What a page is: an address, a template, and a function that makes what the template shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from monitor.web.look import Look

Form = Mapping[str, str]
RETRY_SECONDS: Final = "5"
"""What a full line of questions tells its asker to wait."""


@dataclass(frozen=True, slots=True)
class Download:
    """What a view answers instead of a page: a file, or a document of its own."""

    body: bytes
    media_type: str
    name: str = ""
    """Offered for saving under this name; '' to be shown."""
    policy: str = ""
    """A Content-Security-Policy of its own, never a looser one for scripts; '' for that of all pages."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a view answers where its page is no plain success: the view model, with a status and headers of its own."""

    view: object
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One route. `view` makes the view model, which the template knows as `v`; `act` answers a form sent here."""

    path: str
    """As Starlette writes it: "/alerts/{number:int}"."""
    title: str
    template: str
    view: Callable[[Look], object]
    """Answers a frozen dataclass, a Said around one, or a Download; raises NoSuch where the address names nothing."""
    key: str = ""
    """The letter that leads here from the keyboard; pages with one are in the navigation, in the order of `routes`."""
    act: Callable[[Look, Form], str] | None = None
    """Does what the form says and answers the address to go to; raises Refused."""
    has_form: bool = False
    """Whether it holds a form that is posted. Only then a browser may say, to this page alone, where it came from: over
    plain HTTP it tells the origin of a form in no other way."""
    is_kept_ready: bool = False
    """Whether the view is made as soon as a generation is published, so that no reader waits for its queries."""
