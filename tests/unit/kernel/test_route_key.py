"""Route keys: what is one, and what their variables take."""

import pytest

from sekisho.kernel.route_key import RouteKey, SegmentKind, find_template_variables, find_variables


def test_the_segments_of_a_route_key() -> None:
    key = RouteKey.parse("GET /pets/{petId}/toys/{proxy+}")
    assert key.method == "GET"
    assert [(one.kind, one.text) for one in key.segments] == [
        (SegmentKind.STATIC, "pets"),
        (SegmentKind.VARIABLE, "petId"),
        (SegmentKind.STATIC, "toys"),
        (SegmentKind.GREEDY, "proxy"),
    ]
    assert key.is_greedy


def test_any_method_and_any_request() -> None:
    assert RouteKey.parse("ANY /").method is None
    assert RouteKey.parse("ANY /").segments == ()
    assert RouteKey.parse("$default") == RouteKey(None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GET",
        "/pets",
        "get /pets",
        "TRACE /pets",
        "GET pets",
        "GET /pets/",
        "GET //pets",
        "GET /{a}/{a}",
        "GET /{proxy+}/more",
        "GET /a{id}",
        "GET /{}",
        "GET /a b",
        "GET /a?b=c",
        "GET /ä",
        "$default /",
        "$connect",
    ],
)
def test_what_is_no_route_key(text: str) -> None:
    with pytest.raises(ValueError, match=r"route|segment|path variable"):
        RouteKey.parse(text)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/pets/7", {"id": "7"}),
        ("/pets/a%2Fb", {"id": "a%2Fb"}),
        ("/pets/", None),
        ("/pets", None),
        ("/pets/7/8", None),
        ("/Pets/7", None),
        ("pets/7", None),
    ],
)
def test_a_variable_takes_one_segment(path: str, values: dict[str, str] | None) -> None:
    assert find_variables(RouteKey.parse("GET /pets/{id}").segments, path) == values


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/a/b/c/", {"id": "a", "rest": "b/c/"}),
        ("/a/b", {"id": "a", "rest": "b"}),
        ("/a/", {"id": "a", "rest": ""}),
        ("/a", None),
        ("//b", None),
    ],
)
def test_a_greedy_variable_takes_what_is_left(path: str, values: dict[str, str] | None) -> None:
    assert find_variables(RouteKey.parse("ANY /{id}/{rest+}").segments, path) == values


def test_the_root_is_one_path() -> None:
    assert find_variables((), "/") == {}
    assert find_variables((), "/a") is None


def test_variables_in_a_text() -> None:
    found = list(find_template_variables("/v1/{id}/x{proxy+}{a}"))
    assert found == [(False, "/v1/"), (True, "id"), (False, "/x"), (True, "proxy"), (True, "a")]
    assert list(find_template_variables("")) == []
