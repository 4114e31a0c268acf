"""How a child of the tests kills itself between two of its steps."""

from __future__ import annotations

from typing import Final

BEFORE_A_STEP: Final = """
def step(event, args):
    global left
    if event in ("open", "os.rename", "os.remove", "os.mkdir"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(step)
"""
"""For a program that has imported os, signal and sys: it dies before the file operation after the next `left`."""
