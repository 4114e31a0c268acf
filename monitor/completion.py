"""What the Tab key offers while a question is typed: views, their columns, SQL's words, the prompt's own commands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

KEYWORDS: Final = (
    "and", "asof", "as", "between", "by", "case", "count", "date", "desc", "describe", "distinct", "else", "end",
    "exists", "explain", "filter", "from", "group", "having", "in", "interval", "is", "join", "left", "limit", "max",
    "min", "not", "null", "on", "or", "order", "over", "partition", "qualify", "round", "select", "sum", "summarize",
    "then", "timestamp", "union", "using", "when", "where", "with",
)  # fmt: skip
_WORD: Final = r"[A-Za-z_]\w*"
_AFTER_A_TABLE_WORD: Final = re.compile(r"\b(from|join|describe|summarize)\s+\S*$", re.IGNORECASE)


class Completer:
    """Offers for a half-typed word.

    `views` has the columns by view, `commands` what may follow each of the prompt's own commands.
    """

    def __init__(self, views: Mapping[str, Iterable[str]], commands: Mapping[str, Iterable[str]]) -> None:
        self._views = {name: tuple(columns) for name, columns in views.items()}
        self._commands = {name: tuple(words) for name, words in commands.items()}

    def offers(self, word: str, line: str, before: str = "") -> list[str]:
        """Completions of `word`, with which `line` ends; `before` are the statement's lines above it."""
        found = self._offers(word, line.lstrip(), f"{before}\n{line}")
        return sorted({offer for offer in found if offer.lower().startswith(word.lower()) and offer != word})

    def _offers(self, word: str, line: str, text: str) -> Iterable[str]:
        if line.startswith("."):
            command, _, rest = line.partition(" ")
            return self._commands.get(command, ()) if rest or line.endswith(" ") else self._commands
        if "." in word:
            alias = word.rpartition(".")[0]
            return [f"{alias}.{column}" for column in self._columns_of(alias, text)]
        if _AFTER_A_TABLE_WORD.search(line):
            return self._views
        named = [view for view in self._views if re.search(rf"\b{view}\b", text)]
        return [*KEYWORDS, *self._views, *(column for view in named for column in self._views[view])]

    def _columns_of(self, alias: str, text: str) -> tuple[str, ...]:
        if alias in self._views:
            return self._views[alias]
        for view, said in re.findall(rf"\b({_WORD})\s+(?:as\s+)?({_WORD})\b", text, re.IGNORECASE):
            if said == alias and view in self._views:
                return self._views[view]
        return ()
