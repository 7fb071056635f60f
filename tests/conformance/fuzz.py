"""``python -m tests.conformance.fuzz``: compare the reference and the edge until it is stopped.

Every difference is made small and printed in the shape of a vector.
"""

import secrets
import sys
import tempfile
import time
from pathlib import Path

from tests.conformance.differing import Differ

ROUND = 10_000


def main() -> None:
    """Run rounds, each with policies of its own."""
    total = 0
    started = time.monotonic()
    while True:
        seed = secrets.randbelow(2**32)
        differ = Differ(seed)
        with tempfile.TemporaryDirectory() as folder, differ.running(Path(folder)) as lab:
            for difference in differ.differences(lab, differ.cases(ROUND)):
                print(f"seed {seed}: {differ.shrink(lab, difference)}", flush=True)
        total += ROUND
        rate = total / (time.monotonic() - started)
        print(f"{total} cases, {rate:.0f} a second", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
