"""Pages that refuse us with status 200: what a block page or a bot challenge says."""

from typing import Final

_BLOCK_PAGES: Final = (
    # (what a person is told, texts that must all be there, in lower case)
    ("suspected web scraping activity", ("suspected web scraping activity",)),
    ("this IP address is blocked", ("this ip address is blocked",)),
    ("SafeLine bot challenge", ("safeline_bot_challenge",)),
    ("web application firewall page", ("web 应用防火墙",)),
    ("web application firewall page", ("web应用防火墙",)),
    ("Cloudflare challenge", ("<title>just a moment...</title>",)),
    ("Cloudflare challenge", ("_cf_chl_opt",)),
    ("Akamai access denied", ("access denied", "reference #")),
    ("Akamai access denied", ("access denied", "reference&#32;&#35;")),
)
_BINARY: Final = (b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"%PDF", b"\x1f\x8b", b"SQLite format 3\0")


def looks_blocked(body: bytes) -> str | None:
    """What a block page or bot challenge says in its first 64 KiB; None for anything else.

    Workbooks, PDFs and other binary bodies are never taken for one. Texts: sources-comex.md 0, sources-china.md 1.9.
    """
    head = body[: 64 * 1024]
    if not head or head.startswith(_BINARY) or b"\0" in head[:1024]:
        return None
    text = head.decode("utf-8", "replace").lower()
    if "\ufffd" in text:
        text += head.decode("gb18030", "replace").lower()
    for told, needles in _BLOCK_PAGES:
        if all(needle in text for needle in needles):
            return told
    return None
