"""Dependency order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.cfn.graph import CircularDependencyError, sort_by_dependency


def test_order_follows_dependencies_and_otherwise_the_template() -> None:
    order = sort_by_dependency({"d": (), "a": ("b", "c"), "b": ("c",), "c": (), "e": ("elsewhere",)})
    assert order == ("d", "c", "b", "a", "e")


def test_a_circle_is_named() -> None:
    with pytest.raises(CircularDependencyError) as caught:
        sort_by_dependency({"a": ("b",), "c": ("b",), "b": ("c",)})
    assert str(caught.value) == "Circular dependency between resources: [b, c]"


def test_a_resource_that_needs_itself_is_a_circle() -> None:
    with pytest.raises(CircularDependencyError, match=r"\[a\]"):
        sort_by_dependency({"a": ("a",)})


def test_a_long_chain_is_no_problem() -> None:
    chain = {str(number): (str(number + 1),) for number in range(5000)}
    assert sort_by_dependency(chain)[0] == "4999"


@given(st.dictionaries(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=4), max_size=10))
def test_every_order_puts_needs_first(graph: dict[int, list[int]]) -> None:
    dependencies = {str(name): tuple(str(one) for one in needs) for name, needs in graph.items()}
    try:
        order = sort_by_dependency(dependencies)
    except CircularDependencyError as error:
        members = set(error.members)
        assert all(members & set(dependencies[name]) for name in members)
        return
    assert sorted(order) == sorted(dependencies)
    for name, needs in dependencies.items():
        assert all(order.index(need) < order.index(name) for need in needs if need in dependencies)
