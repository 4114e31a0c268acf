"""The inputs of a campaign: each follows from its source, a seed number and its own number, and from nothing else."""

from __future__ import annotations

import random
from collections.abc import Sequence

from monitor.model import Answer
from tests.fuzzing.seeds import Seed
from tests.fuzzing.shapes import damaged


def made(seeds: Sequence[Seed], source: str, seed: int, number: int) -> Answer:
    """Input `number` of a source."""
    chance = random.Random(f"{source}/{seed}/{number}")
    chosen = chance.choice(seeds)
    return chosen.answer(damaged(chance, chosen.body, chance.choice(seeds).body))
