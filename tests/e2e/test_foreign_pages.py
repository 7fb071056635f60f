"""Pages in a browser of this machine can reach loopback ports, and must not reach the API there."""

from typing import Any

import httpx
import pytest
from tests.support.process import ServerProcess

pytestmark = [pytest.mark.slow]

FORM = {"Action": "DescribeLoadBalancers", "Version": "2015-12-01"}


@pytest.mark.parametrize("path", ["/", "/_sekisho/reset", "/_sekisho/explain", "/2015-03-31/functions"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"host": "evil.example"},
        {"host": "evil.example", "origin": "http://evil.example"},
        {"host": "127.0.0.1.evil.example"},
    ],
)
def test_a_page_of_another_site_is_refused(
    sekisho_server: ServerProcess, path: str, headers: dict[str, str]
) -> None:
    answer = httpx.post(f"{sekisho_server.url}{path}", data=FORM, headers=headers, trust_env=False)
    assert answer.status_code == 403
    assert "message" in answer.json()


@pytest.mark.parametrize("name", ["localhost", "a.localhost", "host.docker.internal", "[::1]", ""])
def test_names_of_this_machine_are_served(sekisho_server: ServerProcess, name: str) -> None:
    port = sekisho_server.url.rpartition(":")[2]
    headers: dict[str, Any] = {"host": f"{name}:{port}"} if name else {}
    answer = httpx.post(sekisho_server.url, data=FORM, headers=headers, trust_env=False)
    assert answer.status_code == 200
    own = {**headers, "origin": f"http://{name or '127.0.0.1'}:{port}"}
    answer = httpx.post(sekisho_server.url, data=FORM, headers=own, trust_env=False)
    assert answer.status_code == 200
