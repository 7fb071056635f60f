"""The garbage collector of a process that serves."""

import gc

from sekisho.cli.collector import spare_what_is_there


def test_what_is_there_is_not_looked_at_again() -> None:
    before = gc.get_freeze_count()
    try:
        spare_what_is_there()
        assert gc.get_freeze_count() > before
        assert len(gc.get_objects(2)) < gc.get_freeze_count()
    finally:
        gc.unfreeze()
