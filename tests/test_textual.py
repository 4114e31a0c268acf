"""Numbers, dates and names in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from alerts import textual


@pytest.mark.parametrize(
    ("value", "decimals", "words"),
    [
        (0.2787, None, "0.279"),
        (0.28, None, "0.280"),
        (0.9413, 2, "0.94"),
        (0.0412, 2, "0.0412"),
        (0.012, 1, "0.0120"),
        (102_257.4, None, "102,000"),
        (9.996, None, "10.0"),
        (999.7, None, "1,000"),
        (-2.345, None, "-2.35"),
        (-0.0, None, "0"),
        (1e-12, None, "1.00e-12"),
        (3e20, None, "3.00e+20"),
        (float("nan"), None, "unknown"),
        (float("-inf"), None, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_a_sentence_carries_three_significant_digits(value: float | None, decimals: int | None, words: str) -> None:
    assert textual.number(value, decimals) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (102_257_123.456, "102,257,123.456"),
        (21_726, "21,726"),
        (1.1239999999999999, "1.124"),
        (0.1, "0.1"),
        (5.0, "5"),
        (1e-12, "1e-12"),
        (1e308, "1e+308"),
        (10**40, "beyond 10^30"),
        (Decimal("12345.6700"), "12,345.6700"),
        (float("inf"), "unknown"),
        (None, "unknown"),
    ],
)
def test_a_table_carries_every_digit(value: float | Decimal | None, words: str) -> None:
    assert textual.exact(value) == words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (102_257_123.4, "oz", "102 Moz"),
        (512_345.0, "troy_oz", "512 koz"),
        (9_500.0, "oz", "9,500 oz"),
        (318_546.0, "kg", "319 t"),
        (4.326, "%/yr", "4.33 %/yr"),
        (4.326, "pct_yr", "4.33 pct_yr"),
        (12.0, "pts", "12.0 pts"),
        (0.28, "ratio", "0.280"),
        (3.0, "sessions", "3 sessions"),
        (57_049.0, "lots", "57,000 lots"),
        (None, "oz", "unknown"),
    ],
)
def test_a_quantity_has_its_unit(value: float | None, unit: str, words: str) -> None:
    assert textual.quantity(value, unit) == words


def test_two_different_quantities_never_read_the_same() -> None:
    assert textual.apart(0.99996, 1.0, "ratio", 2) == ("0.99996", "1.0000")
    assert textual.apart(1.0, 1.0, "ratio", 2) == ("1.00", "1.00")


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("silver comex 2026-05", "Silver COMEX May 2026"),
        ("comex/silver/2026-05", "Silver COMEX May 2026"),
        ("SIK26", "Silver COMEX May 2026"),
        ("ag2602", "Silver SHFE Feb 2026"),
        ("ALK26", "ALK26 (May 2026)"),
        ("SHFE gold", "Gold SHFE"),
        ("shfe:ag", "SHFE ag"),
        ("comex_stocks", "COMEX stocks"),
        ("2026-13", "2026-13"),
        ("", ""),
    ],
)
def test_a_subject_reads_as_a_person_says_it(subject: str, words: str) -> None:
    assert textual.subject_words(subject) == words


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("registered_oz", ("registered", "oz")),
        ("oi_left_lots", ("oi left", "lots")),
        ("prem_ex_tax_pct", ("prem ex tax", "%")),
        ("cobasis_ann_pct", ("cobasis", "%/yr")),
        ("fut_minus_spot_usd_oz", ("fut minus spot", "USD/oz")),
        ("status", ("status", "")),
        ("lots", ("lots", "")),
    ],
)
def test_a_column_name_gives_its_unit(name: str, parts: tuple[str, str]) -> None:
    assert textual.label(name) == parts


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (None, "unknown"),
        (date(2026, 2, 10), "2026-02-10"),
        (datetime(2026, 2, 10, 22, 0), "2026-02-10 22:00 UTC"),  # noqa: DTZ001  (as stored: naive UTC)
        (datetime(2026, 2, 10, 22, 0, tzinfo=UTC), "2026-02-10 22:00 UTC"),
        ("two\r\nlines", "two lines"),
        ([1, 2], "[1, 2]"),
    ],
)
def test_any_value_of_a_reading_has_one_line(value: object, words: str) -> None:
    assert textual.cell(value) == words


@pytest.mark.parametrize("char", ["\r", "\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x00", "\u202e", "\ud800"])
def test_no_character_can_end_a_line_or_turn_it_round(char: str) -> None:
    assert textual.one_line(f"a{char}b") == "a b"


def test_an_encoded_word_in_a_value_is_taken_apart() -> None:
    """A mail library would decode it, line feed and all, and write it out raw."""
    assert "=?" not in textual.one_line("=?utf-8?q?=0d=0aBcc:_x?=")


def test_a_line_is_cut_at_its_limit() -> None:
    assert textual.one_line("x" * 50, 10) == "xxxxxxx..."
    assert len(textual.one_line("word " * 50, 20)) <= 20


def test_a_listing_says_how_many_it_leaves_out() -> None:
    assert textual.listing(["one", "two", "three"], 100) == "one, two, three"
    assert textual.listing(["one", "two", "three"], 14) == "one and 2 more"
    assert textual.listing(["a very long name"], 8) == "a ver..."
    assert textual.listing([], 8) == ""


def test_one_is_singular() -> None:
    assert textual.count(1, "session") == "1 session"
    assert textual.count(1_200, "session") == "1,200 sessions"
