"""The Lua programs of this package."""

from importlib.resources import files


def read_program(name: str) -> str:
    """Return a Lua file."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
