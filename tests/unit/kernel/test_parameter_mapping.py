"""Parameter mapping: keys and values as the documentation writes them, and those that it forbids."""

import pytest

from sekisho.kernel.parameter_mapping import (
    RESERVED_HEADERS,
    Change,
    Part,
    Source,
    parse_request_change,
    parse_response_change,
)


@pytest.mark.parametrize(
    ("key", "value", "change"),
    [
        (
            "append:header.authorizationHeader",
            "$request.header.AuthToken",
            Change("append", "header", "authorizationheader", (Part(Source.HEADER, "authtoken"),)),
        ),
        (
            "overwrite:path",
            "/pets/${request.path.petId}/$stageVariables.v",
            Change(
                "overwrite",
                "path",
                "",
                (
                    Part(Source.TEXT, "/pets/"),
                    Part(Source.PATH, "petId"),
                    Part(Source.TEXT, "/"),
                    Part(Source.STAGE_VARIABLE, "v"),
                ),
            ),
        ),
        (
            "overwrite:querystring.Q",
            "$request.querystring.Other",
            Change("overwrite", "querystring", "Q", (Part(Source.QUERY, "Other"),)),
        ),
        (
            "append:header.name",
            "$request.body.pets[0].name",
            Change("append", "header", "name", (Part(Source.BODY, "pets[0].name"),)),
        ),
        (
            "overwrite:header.user",
            "$context.authorizer.claims.sub",
            Change("overwrite", "header", "user", (Part(Source.CONTEXT, "authorizer.claims.sub"),)),
        ),
        ("remove:querystring.a", "''", Change("remove", "querystring", "a")),
        ("remove:header.a", "", Change("remove", "header", "a")),
    ],
)
def test_changes_of_a_request(key: str, value: str, change: Change) -> None:
    assert parse_request_change(key, value) == change


@pytest.mark.parametrize(
    ("key", "value", "change"),
    [
        ("overwrite:statuscode", "403", Change("overwrite", "statuscode", "", (Part(Source.TEXT, "403"),))),
        (
            "append:header.h",
            "a-${response.header.X}-$response.body.id",
            Change(
                "append",
                "header",
                "h",
                (
                    Part(Source.TEXT, "a-"),
                    Part(Source.HEADER, "x"),
                    Part(Source.TEXT, "-"),
                    Part(Source.BODY, "id"),
                ),
            ),
        ),
    ],
)
def test_changes_of_a_response(key: str, value: str, change: Change) -> None:
    assert parse_response_change(key, value) == change


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("append:path", "/a"),
        ("overwrite:statuscode", "200"),
        ("change:header.a", "b"),
        ("append:header.", "b"),
        ("append:header.a b", "b"),
        ("append:header.x-amz-a", "b"),
        ("append:header.Apigw-RequestId", "b"),
        ("overwrite:header.access-control-allow-origin", "*"),
        ("append:header.a", ""),
        ("append:header.a", "$"),
        ("append:header.a", "$response.header.b"),
        ("append:header.a", "$request.cookie.b"),
        ("append:header.a", "$request.header"),
        ("append:header.a", "$request.body..b"),
        ("append:header.a", "$request.body.pets[?(@.a)]"),
        ("append:header.a", "$stageVariables.a-b"),
        ("append:header.a", "${context}"),
        ("remove:header.a", "b"),
    ],
)
def test_what_a_request_cannot_be_mapped_to(key: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_request_change(key, value)


@pytest.mark.parametrize(
    ("key", "value"),
    [("overwrite:path", "/"), ("append:querystring.a", "b"), ("append:statuscode", "200"),
     ("append:header.a", "$request.header.b"), ("append:header.a", "$response.querystring.b")],
)  # fmt: skip
def test_what_a_response_cannot_be_mapped_to(key: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_response_change(key, value)


@pytest.mark.parametrize("name", sorted(RESERVED_HEADERS))
def test_reserved_headers(name: str) -> None:
    for parse in (parse_request_change, parse_response_change):
        with pytest.raises(ValueError, match=f"Operations on header {name} are restricted"):
            parse(f"remove:header.{name.title()}", "")
