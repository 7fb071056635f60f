"""Puts resources in the order of their dependencies."""

from collections.abc import Iterator, Mapping


class CircularDependencyError(ValueError):
    """Resources depend on each other in a circle; ``members`` names them."""

    def __init__(self, members: tuple[str, ...]) -> None:
        super().__init__(f"Circular dependency between resources: [{', '.join(members)}]")
        self.members = members


def sort_by_dependency(dependencies: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the names so that each comes after what it depends on, otherwise in the order given.

    Dependencies on names that are not keys are ignored.

    Raises:
        CircularDependencyError: there is no such order.
    """
    ordered: dict[str, None] = {}
    entered: dict[str, None] = {}
    for root in dependencies:
        # An explicit stack: the depth of a template's dependencies is not Python's to limit.
        stack: list[tuple[str, Iterator[str]]] = [(root, iter((root,)))]
        while stack:
            name, pending = stack[-1]
            following = next(pending, None)
            if following is None:
                stack.pop()
                if stack:
                    ordered[name] = None
                    entered.pop(name, None)
            elif following in entered:
                circle = list(entered)
                raise CircularDependencyError(tuple(sorted(circle[circle.index(following) :])))
            elif following not in ordered and following in dependencies:
                entered[following] = None
                stack.append((following, iter(dependencies[following])))
    return tuple(ordered)
