"""Which stage and route of an HTTP API take a request, by the documented examples.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

import pytest

from sekisho.verify.http_api_routing import RouteTable
from sekisho.verify.uri import normalize_target

DOCUMENTED = ("GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default")


def chosen(keys: tuple[str, ...], method: str, path: str) -> str | None:
    selection = RouteTable({"$default": keys}).select(method, normalize_target(path))
    return None if selection is None else selection.route_key


@pytest.mark.semantics("HTTP-ROUTE-02", "HTTP-ROUTE-03")
@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1"),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
        ("POST", "/test/5", "ANY /{proxy+}"),
    ],
)
def test_the_documented_example(method: str, path: str, expected: str) -> None:
    assert chosen(DOCUMENTED, method, path) == expected
    assert chosen(tuple(reversed(DOCUMENTED)), method, path) == expected


@pytest.mark.semantics("HTTP-ROUTE-04")
def test_the_method_itself_comes_before_any() -> None:
    keys = ("ANY /a", "GET /a")
    assert (chosen(keys, "GET", "/a"), chosen(keys, "PUT", "/a")) == ("GET /a", "ANY /a")


@pytest.mark.semantics("HTTP-ROUTE-05", "HTTP-ROUTE-06")
@pytest.mark.parametrize(
    ("key", "path", "fits"),
    [
        ("GET /a/{proxy+}", "/a/", True),
        ("GET /{proxy+}", "/", True),
        ("GET /a", "/a/", False),
        ("GET /a/{id}", "/a/", False),
    ],
)
def test_empty_segments(key: str, path: str, fits: bool) -> None:
    assert (chosen((key,), "GET", path) == key) is fits


@pytest.mark.semantics("HTTP-ROUTE-08")
@pytest.mark.parametrize("path", ["/pets/%64og", "/x/../pets/dog", "/./pets/dog"])
def test_a_path_that_is_spelt_otherwise_meets_the_same_route(path: str) -> None:
    assert chosen(("GET /pets/dog", "$default"), "GET", path) == "GET /pets/dog"
