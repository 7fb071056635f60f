import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.issuer.request import FORM, JSON, TokenRequest, decode_token_request
from sekisho.kernel.errors import OAuthError


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def reveal(request: TokenRequest) -> tuple[str | None, str | None]:
    return request.client_id, request.client_secret.reveal() if request.client_secret else None


@pytest.mark.parametrize("content_type", [JSON, "Application/JSON; charset=utf-8"])
def test_json(content_type: str) -> None:
    body = json.dumps({"grant_type": "g", "client_id": "i", "client_secret": "s", "scope": ""}).encode()
    request = decode_token_request(content_type, None, body)
    assert request.params == {"grant_type": "g"}
    assert reveal(request) == ("i", "s")


@pytest.mark.parametrize("content_type", [FORM, ""])
def test_form(content_type: str) -> None:
    request = decode_token_request(
        content_type, None, b"grant_type=g&client_id=i&client_secret=a%2Bb&scope=a+b"
    )
    assert request.params == {"grant_type": "g", "scope": "a b"}
    assert reveal(request) == ("i", "a+b")


def test_basic_is_decoded_whether_or_not_the_client_encodes() -> None:
    for sent in ("the%20id:a%3Ab%2Bc", "the id:a:b+c"):
        request = decode_token_request(FORM, basic(sent), b"grant_type=g")
        assert reveal(request) == ("the id", "a:b+c")


def test_basic_with_the_same_client_id_in_the_body() -> None:
    assert reveal(decode_token_request(FORM, basic("i:s"), b"client_id=i")) == ("i", "s")


def test_a_bearer_header_is_no_client_authentication() -> None:
    assert reveal(decode_token_request(FORM, "Bearer x", b"client_id=i")) == ("i", None)


def test_repr_shows_no_parameter_and_no_secret() -> None:
    request = decode_token_request(FORM, basic("i:geheim"), b"refresh_token=geheim2")
    assert "geheim" not in repr(request)


@pytest.mark.parametrize(
    ("content_type", "authorization", "body"),
    [
        (JSON, None, b"{"),
        (JSON, None, b""),
        (JSON, None, b"[]"),
        (JSON, None, b'[["grant_type", "g"]]'),
        (JSON, None, b'"text"'),
        (JSON, None, b"\xff"),
        (JSON, None, b"[" * 100_000),
        (JSON, None, b'{"client_id": 7}'),
        (JSON, None, b'{"scope": ["a"]}'),
        (FORM, None, b"a=%ff"),
        (FORM, None, b"a=\xc3\xa9"),
        (FORM, None, b"&".join(b"a%d=1" % number for number in range(101))),
        ("text/plain", None, b"grant_type=g"),
        (FORM, "Basic !", b""),
        (FORM, "Basic", b""),
        (FORM, basic("no-colon"), b""),
        (FORM, basic(":secret"), b""),
        pytest.param(JSON, None, b'{"a": "1", "a": "1"}', marks=pytest.mark.semantics("AUTH0-16")),
        (FORM, None, b"a=1&a=2"),
        (FORM, None, b"a=&a=2"),
        pytest.param(FORM, basic("i:s"), b"client_secret=s", marks=pytest.mark.semantics("AUTH0-17")),
        (FORM, basic("i:s"), b"client_id=other"),
    ],
)
def test_refused(content_type: str, authorization: str | None, body: bytes) -> None:
    with pytest.raises(OAuthError) as refused:
        decode_token_request(content_type, authorization, body)
    assert (refused.value.error, refused.value.status) == ("invalid_request", 400)


def test_json_is_for_issuers_that_accept_it() -> None:
    with pytest.raises(OAuthError):
        decode_token_request(JSON, None, b"{}", accept_json=False)


@given(
    content_type=st.sampled_from([JSON, FORM, ""]),
    authorization=st.none() | st.text(max_size=20) | st.text(max_size=20).map(basic),
    body=st.binary(max_size=60) | st.text(max_size=60).map(str.encode),
)
def test_whatever_comes_is_read_or_refused(content_type: str, authorization: str | None, body: bytes) -> None:
    with contextlib.suppress(OAuthError):
        request = decode_token_request(content_type, authorization, body)
        assert "client_secret" not in request.params
        assert all(request.params.values())
