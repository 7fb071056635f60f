"""Whoever searches the documentation for the text of a refusal finds its cause and its cure in one hop."""

import ast
from collections.abc import Iterator

import pytest
from scripts.generate_docs import ROOT

from sekisho.compile.emit.pages import TITLES
from sekisho.verify import alb, http_api
from sekisho.verify.decision import Refusal

PAGE = (ROOT / "docs" / "how-to" / "debug-a-401.md").read_text("utf-8")
REDIRECTS = {301, 302}


def reason_codes() -> Iterator[str]:
    """The codes of the load balancer's access log."""
    for one in vars(alb).values():
        if isinstance(one, Refusal):
            yield one.reason
    for _, refusal in alb.STATES.values():
        yield refusal.reason


def descriptions() -> Iterator[str]:
    """The texts of the HTTP API's www-authenticate header, without what differs from token to token."""
    for one in vars(http_api).values():
        if isinstance(one, Refusal) and one.error_description is not None:
            yield one.error_description
    for text in http_api.FLAWS.values():
        yield text.partition("{")[0].strip()


def oauth_errors() -> Iterator[str]:
    """The codes of the token endpoints and of the login pages."""
    for folder in ("issuer", "serve/domains"):
        for file in (ROOT / "src" / "sekisho" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                    first = node.args[0]
                    if node.func.id == "OAuthError" and isinstance(first, ast.Constant):
                        yield str(first.value)


def pages() -> Iterator[str]:
    """The statuses that the load balancer answers itself."""
    yield from (str(status) for status in TITLES if status not in REDIRECTS)


@pytest.mark.parametrize("texts", [reason_codes, descriptions, oauth_errors, pages])
def test_every_refusal_is_explained(texts: object) -> None:
    assert callable(texts)
    asked = set(texts())
    assert len(asked) > 5
    assert {text for text in asked if not is_explained(text)} == set()


def is_explained(text: str) -> bool:
    """Tell whether a row of a table has the text."""
    return any(text in row for row in PAGE.splitlines() if row.startswith("| "))


@pytest.mark.parametrize(
    "text",
    [
        "Issuer must have a valid discovery endpoint",
        "Invalid authorizer ID specified",
        "One action of the following types must be specified: ",
        "are supported only on HTTPS listeners",
        "Incorrect username or password.",
        "flow not enabled for this client",
        "redirect_mismatch",
        "Service not found",
        "invalid_token",
        "insufficient_scope",
    ],
)
def test_an_error_of_an_operation_is_explained(text: str) -> None:
    assert text in PAGE
    sources = (ROOT / "src" / "sekisho").rglob("*.py")
    assert any(text in file.read_text("utf-8") for file in sources), "nothing says so any more"
