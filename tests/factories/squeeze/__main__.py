"""`python -m tests.factories.squeeze`: writes everything under `monitor/demo` that is no code."""

import shutil
from pathlib import Path

from tests.factories.squeeze import bundle

FOLDER = Path(__file__).resolve().parents[3] / "monitor" / "demo"


def main() -> None:
    """Write everything anew."""
    made = bundle()
    shutil.rmtree(FOLDER / "files", ignore_errors=True)
    for path, body in made.items():
        target = FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    print(f"{len(made)} files, {sum(map(len, made.values())):,} bytes in {FOLDER}")


if __name__ == "__main__":
    main()
