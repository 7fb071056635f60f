from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from sekisho.store.sql import open_sqlite


@dataclass(frozen=True, slots=True)
class Loud:
    KIND: ClassVar[str] = "loud"

    key: str
    scope: str = "here"


@dataclass(frozen=True, slots=True)
class Quiet:
    KIND: ClassVar[str] = "quiet"
    QUIET: ClassVar[bool] = True

    key: str
    scope: str = "here"


def test_only_what_is_compiled_makes_a_new_version(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "state.db")

    def version() -> int:
        with store.read() as state:
            return state.version

    first = version()
    with store.write() as state:
        state.put(Quiet("a"))
        state.put(Quiet("b"))
        state.delete(Quiet, "b")
    assert version() == first
    with store.write() as state:
        state.put(Quiet("c"))
        state.put(Loud("a"))
    assert version() == first + 1
    with store.write() as state:
        state.delete(Loud, "a")
    assert version() == first + 2
    store.close()
    again = open_sqlite(tmp_path / "state.db")
    with again.read() as reader:
        assert [one.key for one in reader.list(Quiet)] == ["a", "c"]
    again.close()
