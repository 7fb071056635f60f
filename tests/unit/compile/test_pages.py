import pytest

from sekisho.compile.emit.pages import TITLES, page, plain_http_page

# Lengths of answers recorded from real load balancers, and of the same template with nginx's titles.
LENGTHS = {
    301: 134,
    302: 110,
    400: 122,
    401: 144,
    403: 118,
    405: 122,
    408: 132,
    413: 148,
    414: 142,
    500: 142,
    502: 122,
    503: 162,
    504: 132,
}


@pytest.mark.semantics("EDGE-06")
@pytest.mark.parametrize(("status", "length"), LENGTHS.items())
def test_pages_have_the_recorded_lengths(status: int, length: int) -> None:
    assert len(page(status)) == length


@pytest.mark.parametrize("status", TITLES)
def test_every_line_ends_in_crlf(status: int) -> None:
    lines = page(status).split("\r\n")
    assert lines.pop() == ""
    assert not any("\n" in line or "\r" in line for line in lines)
    assert lines[1] == f"<head><title>{TITLES[status]}</title></head>"


def test_plain_http_page_names_the_cause() -> None:
    assert plain_http_page().count("The plain HTTP request was sent to HTTPS port") == 2


def test_an_unknown_status_has_no_page() -> None:
    with pytest.raises(KeyError):
        page(299)
