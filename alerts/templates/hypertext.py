"""Blocks as one column of HTML: 600 px, system fonts, light and dark, nothing fetched from anywhere.

Styles stand on the elements, because many mail readers drop style sheets; the sheet in `mail.html` only holds what
cannot, the dark colours. Every value passes `_safe` and nothing else writes a value.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from string import Template

from alerts.templates.blocks import (
    Block,
    Facts,
    Figures,
    Heading,
    Line,
    Link,
    Picture,
    State,
    Table,
    left_out_words,
    web_address,
)
from alerts.textual import one_line

LONGEST = 2_000
NARROW = 26
"""Characters a cell may have and still be kept on one line, at the right."""
SHORT = 14
"""Characters that are kept on one line in any column: a date, a name of two words."""

_CELL = "padding:3px 12px 3px 0;vertical-align:top;border-top:1px solid #e3e0d8"
_RIGHT = ";text-align:right;white-space:nowrap"
_HEAD = "padding:3px 12px 3px 0;text-align:left;font-weight:normal;color:#5c6370"
_TABLE = '<table class="n" width="100%" cellspacing="0" cellpadding="0" style="border-collapse:collapse;'


def as_html(title: str, blocks: Iterable[Block]) -> str:
    """The message as a whole HTML page."""
    body = "\n".join(_draw(block) for block in blocks)
    return _page().substitute(title=_safe(title), dark="\n".join(map(_dark, State)), body=body)


@lru_cache(maxsize=1)
def _page() -> Template:
    return Template(Path(__file__).with_name("mail.html").read_text(encoding="utf-8"))


def _dark(state: State) -> str:
    return f".{state.word} {{ color: {state.dark} !important; }}"


def _safe(text: str, limit: int = 200) -> str:
    return html.escape(one_line(text, limit))


def _draw(block: Block) -> str:
    match block:
        case Heading():
            drawn = _heading(block)
        case Line():
            drawn = _line(block)
        case Facts():
            drawn = _facts(block)
        case Table():
            drawn = _table(block)
        case Figures():
            drawn = _figures(block)
        case Link():
            drawn = f'<p style="margin:0 0 6px 0;overflow-wrap:anywhere">{_link(block)}</p>'
        case Picture():
            drawn = _picture(block)
    return drawn


def _shape(state: State) -> str:
    """The mark alone: the word beside it names the state."""
    return f'<span class="{state.word}" aria-hidden="true" style="color:{state.light}">{state.shape}</span> '


def _heading(block: Heading) -> str:
    tag, size, above = ("h1", "18px", "0") if block.top else ("h2", "16px", "26px")
    mark = _shape(block.state) if block.state else ""
    style = f"margin:{above} 0 8px 0;font-size:{size};line-height:1.3;font-weight:600"
    return f'<{tag} style="{style}">{mark}{_safe(block.text)}</{tag}>'


def _line(block: Line) -> str:
    if block.strong:
        look = ' style="margin:0 0 12px 0;font-size:20px;line-height:1.3"'
    elif block.quiet:
        look = ' class="q" style="margin:14px 0 0 0;font-size:13px;color:#5c6370"'
    else:
        look = ' style="margin:0 0 10px 0"'
    return f"<p{look}>{_safe(block.text, LONGEST)}</p>"


def _facts(block: Facts) -> str:
    rows = "\n".join(
        f'<tr><th class="q" scope="row" style="{_HEAD};width:96px;border-top:1px solid #e3e0d8;vertical-align:top">'
        f'{_safe(name)}</th><td style="{_CELL}{_breaking(answer)}">{_safe(answer, LONGEST)}</td></tr>'
        for name, answer in block.rows
    )
    return f'{_TABLE}margin:10px 0 14px 0">\n{rows}\n</table>'


def _table(block: Table) -> str:
    caption = f'<caption class="q" style="{_HEAD}">{_safe(block.caption)}</caption>\n' if block.caption else ""
    head = "".join(
        f'<th class="q" scope="col" style="{_HEAD}{_RIGHT if column in block.numeric else ";white-space:nowrap"}">'
        f"{_safe(name)}</th>"
        for column, name in enumerate(block.head)
    )
    rows = "\n".join(_row(block, index) for index in range(len(block.rows)))
    more = f'\n<p class="q" style="margin:4px 0 0 0;font-size:13px;color:#5c6370">{left_out_words(block.left_out)}</p>'
    opening = _TABLE.replace('class="n"', 'class="n t"')
    table = f'{opening}margin:16px 0 0 0;font-size:13px">\n{caption}<tr>{head}</tr>\n{rows}\n</table>'
    return f'<div style="overflow-x:auto">{table}</div>' + (more if block.left_out else "")


def _figures(block: Figures) -> str:
    """Two columns, so that a phone shows the number beside its name; what else is said stands beneath the name."""
    rows = "\n".join(_figure(block, at) for at in range(len(block.rows)))
    more = f'\n<p class="q" style="margin:4px 0 0 0;font-size:13px;color:#5c6370">{left_out_words(block.left_out)}</p>'
    return f'{_TABLE}margin:6px 0 0 0;font-size:14px">\n{rows}\n</table>' + (more if block.left_out else "")


def _figure(block: Figures, at: int) -> str:
    what, value, beside = block.rows[at]
    state = block.states[at] if block.states else None
    mark = _shape(state) if state else ""
    under = f'<br><span class="q" style="font-size:12px;color:#5c6370">{_safe(beside, 600)}</span>' if beside else ""
    right = f"{_CELL};text-align:right;padding-right:0" + (";white-space:nowrap" if len(value) <= NARROW else "")
    return f'<tr><td style="{_CELL}">{mark}{_safe(what)}{under}</td><td style="{right}">{_safe(value)}</td></tr>'


def _row(block: Table, index: int) -> str:
    marks = {0: _shape(block.states[index])} if block.states else {}
    cells = "".join(
        f'<td style="{_CELL}{_set(text, column in block.numeric)}">{marks.get(column, "")}{_safe(text)}</td>'
        for column, text in enumerate(block.rows[index])
    )
    return f"<tr>{cells}</tr>"


def _set(text: str, numeric: bool) -> str:
    """How a cell is set: figures to the right on one line, dates and short words whole, hashes broken anywhere."""
    if numeric and len(text) <= NARROW:
        return _RIGHT
    return ";white-space:nowrap" if len(text) <= SHORT else _breaking(text)


def _breaking(text: str) -> str:
    """Where a word is too long for a column it may break; elsewhere that would break dates and names on a phone."""
    return ";overflow-wrap:anywhere" if any(len(word) > NARROW for word in text.split()) else ""


def _link(block: Link) -> str:
    url = web_address(block.url)
    if url is None:
        return f"{_safe(block.label)}: {_safe(block.url)}"
    return f'{_safe(block.label)}: <a class="l" href="{html.escape(url)}" style="color:#2f5d8a">{html.escape(url)}</a>'


def _picture(block: Picture) -> str:
    words = _safe(block.words, LONGEST)
    return (
        f'<img src="cid:{_safe(block.cid, 80)}" alt="{words}" width="600" '
        f'style="display:block;width:100%;max-width:600px;height:auto;border:0;margin:14px 0 4px 0">\n'
        f'<p class="q" style="margin:0 0 10px 0;font-size:13px;color:#5c6370">{words}</p>'
    )
