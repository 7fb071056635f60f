"""Which stage and route of an HTTP API take a request: the reference for the edge's route table.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sekisho.kernel.route_key import RouteKey, SegmentKind, find_variables

_DEFAULT = "$default"


@dataclass(frozen=True, slots=True)
class Selection:
    """The stage and the key of the route that take a request, and the values of the path's variables."""

    stage: str
    route_key: str
    variables: Mapping[str, str]


class RouteTable:
    """The routes of an API's stages.

    Args:
        stages: stage name -> keys of its routes, in order of creation.
    """

    def __init__(self, stages: Mapping[str, Sequence[str]]) -> None:
        self._stages = {
            name: tuple((text, RouteKey.parse(text)) for text in keys) for name, keys in stages.items()
        }

    def select(self, method: str, path: str) -> Selection | None:
        """Return what takes a request, or None where nothing does and the answer is 404.

        ``path`` is normalized and without the query.
        """
        stage, rest = select_stage(self._stages, path)
        found: tuple[tuple[int, ...], str, Mapping[str, str]] | None = None
        for text, key in self._stages.get(stage, ()):
            if key.method not in (None, method):
                continue
            variables = {} if key.path is None else find_variables(key.segments, rest)
            if variables is None:
                continue
            rank = _rank(key)
            if found is None or rank < found[0]:
                found = (rank, text, variables)
        return None if found is None else Selection(stage, found[1], found[2])


def select_stage(stages: Collection[str], path: str) -> tuple[str, str]:
    """Return the stage of a path, and the path within it (HTTP-ROUTE-01)."""
    first, slash, rest = path.removeprefix("/").partition("/")
    if first in stages and first != _DEFAULT:
        return first, slash + rest or "/"
    return _DEFAULT, path


def _rank(key: RouteKey) -> tuple[int, ...]:
    """Return what is smaller for the route that comes first (HTTP-ROUTE-02, -03, -04)."""
    if key.path is None:
        return (2,)
    kinds = [int(segment.kind) for segment in key.segments]
    is_greedy = int(SegmentKind.GREEDY) in kinds
    # What follows a greedy variable is less specific than anything that names it.
    return (int(is_greedy), *kinds, int(SegmentKind.GREEDY) + 1, 0 if key.method else 1)
