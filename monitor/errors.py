"""Error classes, sorted by what the reader does next."""

_LONGEST = 500


def cut(text: str) -> str:
    """`text` no longer than a message may be: a hostile file quotes itself by the megabyte."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


class BullionError(Exception):
    """Root of every error Bullion raises on purpose.

    `str(error)` says what happened, to which thing, with what value; then what to do.
    """


class ConfigError(BullionError):
    """`config.toml` says something impossible: edit the named key."""


class Unreachable(BullionError):
    """We could not ask: wait, the next run tries again."""


class Blocked(BullionError):
    """The site refuses us: use the inbox. Never evaded, never "no data"."""


class NotPublished(BullionError):
    """The venue has nothing for that session yet: nothing to do before its deadline."""


class BadFile(BullionError):
    """We hold the bytes and did not load them; `where` is the position in the file, if known."""

    def __init__(self, message: str, where: str = "") -> None:
        self.where = cut(where)
        super().__init__(f"{cut(message)} ({self.where})" if where else cut(message))


class Unreadable(BadFile):
    """We do not understand the file: mend the source, then `bullion reparse`."""


class Implausible(BadFile):
    """We understand the file and do not believe it: look at the archived bytes."""


class QueryRefused(BullionError):
    """The SQL is not allowed, too slow, or wrong: change the SQL."""


class QueueFull(QueryRefused):
    """Too many questions at once: ask again in a few seconds."""


class Undeliverable(BullionError):
    """A message did not leave: mend the channel when `permanent`, otherwise wait.

    `stage` is the step of the conversation that failed (connect, tls, auth, mail, rcpt, data).
    """

    def __init__(self, message: str, *, permanent: bool = False, stage: str = "") -> None:
        super().__init__(message)
        self.permanent = permanent
        self.stage = stage


class Busy(BullionError):
    """Another Bullion process owns this home: hand the work to it, or stop it."""
