"""Clients that stay with a target by cookie."""

import asyncio
import re
from dataclasses import replace

import pytest

from sekisho.model.ir import Endpoint, Match, Pattern, Upstream

from .harness import Answer, Lab, Publish, forward_to, route


async def names_itself(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with the port; ``/login`` gets the application's cookie."""
    while head := await reader.readuntil(b"\r\n\r\n"):
        port = writer.get_extra_info("sockname")[1]
        cookie = b"set-cookie: session=1; Path=/\r\n" if b" /login " in head else b""
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n%b\r\n%05d" % (cookie, port))


@pytest.fixture(scope="module")
def sticky(lab: Lab) -> Upstream:
    targets = tuple(lab.target(names_itself) for _ in range(3))
    return Upstream("sticky", "arn:sticky", targets, sticky_seconds=60)


def cookies_of(answer: Answer) -> list[str]:
    return [value for name, value in answer.header_lines if name.lower() == "set-cookie"]


def ask(lab: Lab, port: int, *cookies: str, path: str = "/") -> Answer:
    return lab.get(port, path, *([f"Cookie: {'; '.join(cookies)}"] if cookies else []))


WEEK = r"; Expires=\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT; Path=/"


@pytest.mark.semantics("EDGE-22")
@pytest.mark.parametrize("path", ["/", "/%41"])
def test_duration_cookies(lab: Lab, publish: Publish, sticky: Upstream, path: str) -> None:
    port = publish(route(forward_to(sticky)), upstreams=(sticky,))
    first = ask(lab, port, path=path)
    own, cors = cookies_of(first)
    assert re.fullmatch(rf"AWSALB=[0-9a-f]+{WEEK}", own)
    assert re.fullmatch(rf"AWSALBCORS=[0-9a-f]+{WEEK}; SameSite=None; Secure", cors)
    assert "x-sekisho-target" not in first.headers
    for cookie in (own.split(";")[0], cors.split(";")[0]):
        again = [ask(lab, port, "a=1", cookie, "b=2", path=path) for _ in range(9)]
        assert {answer.text for answer in again} == {first.text}
        assert all(len(cookies_of(answer)) == 2 for answer in again)
    assert len({ask(lab, port, path=path).text for _ in range(9)}) == 3


@pytest.mark.semantics("EDGE-22")
def test_a_cookie_without_sense_is_replaced(lab: Lab, publish: Publish, sticky: Upstream) -> None:
    port = publish(route(forward_to(sticky)), upstreams=(sticky,))
    value = cookies_of(ask(lab, port))[0].split(";")[0].removeprefix("AWSALB=")
    elsewhere = value[:8] + b"10.0.0.9:80".hex()
    for wrong in (
        "",
        "rubbish",
        "00000001" + value[8:],
        value[:8],
        value[:8] + "6",
        value[:8] + "666f6f",
        elsewhere,
    ):
        answers = [ask(lab, port, f"AWSALB={wrong}") for _ in range(6)]
        assert len({answer.text for answer in answers}) == 3
        assert all(len(cookies_of(answer)) == 2 for answer in answers)


@pytest.mark.semantics("EDGE-22")
def test_a_target_that_is_not_healthy_loses_its_clients(lab: Lab, publish: Publish, sticky: Upstream) -> None:
    port = publish(route(forward_to(sticky)), upstreams=(sticky,))
    first = ask(lab, port)
    cookie = cookies_of(first)[0].split(";")[0]
    endpoints = tuple(
        Endpoint(each.address, each.port, healthy=each.port != int(first.text)) for each in sticky.endpoints
    )
    sick = replace(sticky, endpoints=endpoints)
    port = publish(route(forward_to(sick)), upstreams=(sick,))
    moved = ask(lab, port, cookie)
    assert moved.text != first.text
    assert ask(lab, port, cookies_of(moved)[0].split(";")[0]).text == moved.text


@pytest.mark.semantics("EDGE-22")
def test_the_applications_cookie(lab: Lab, publish: Publish, sticky: Upstream) -> None:
    upstream = replace(sticky, sticky_cookie="session")
    port = publish(route(forward_to(upstream)), upstreams=(upstream,))
    assert cookies_of(ask(lab, port)) == []
    first = ask(lab, port, path="/login")
    theirs, ours = cookies_of(first)
    assert theirs.startswith("session=1")
    assert re.fullmatch(rf"AWSALBAPP-0=[0-9a-f]+{WEEK}", ours)
    cookie = ours.split(";")[0]
    again = [ask(lab, port, "session=1", cookie) for _ in range(9)]
    assert {answer.text for answer in again} == {first.text}
    assert all(cookies_of(answer)[0].startswith("AWSALBAPP-0=") for answer in again)
    assert len({ask(lab, port, cookie).text for _ in range(9)}) == 3


@pytest.mark.semantics("EDGE-22")
def test_one_of_several_groups_is_sticky(lab: Lab, publish: Publish, sticky: Upstream) -> None:
    loose = Upstream("loose", "arn:loose", (lab.target(names_itself),))
    port = publish(
        route(forward_to((sticky, 1), (loose, 1)), Match(path=(Pattern("/x"),)), "both"),
        route(forward_to(loose)),
        upstreams=(sticky, loose),
    )
    seen = {
        (answer.text, len(cookies_of(answer))) for answer in (ask(lab, port, path="/x") for _ in range(30))
    }
    assert {(f"{each.port:05d}", 2) for each in sticky.endpoints} < seen
    assert (f"{loose.endpoints[0].port:05d}", 0) in seen
    assert all("x-sekisho-target" not in ask(lab, port, path="/x").headers for _ in range(9))


@pytest.mark.semantics("EDGE-22")
def test_a_group_and_a_target_of_it_are_kept(lab: Lab, publish: Publish, sticky: Upstream) -> None:
    loose = Upstream("loose", "arn:loose", (lab.target(names_itself),))
    port = publish(route(forward_to((sticky, 1), (loose, 1), sticky_seconds=60)), upstreams=(sticky, loose))
    for _ in range(20):
        answer = ask(lab, port)
        assert "x-sekisho-target" not in answer.headers
        names = [cookie.split("=")[0] for cookie in cookies_of(answer)]
        is_loose = answer.text == f"{loose.endpoints[0].port:05d}"
        assert sorted(names) == sorted(
            [*([] if is_loose else ["AWSALB", "AWSALBCORS"]), "AWSALBTG", "AWSALBTGCORS"]
        )
        cookies = [cookie.split(";")[0] for cookie in cookies_of(answer)]
        assert ask(lab, port, *cookies).text == answer.text


def test_nobody_is_kept_where_no_target_has_answered(lab: Lab, publish: Publish, sticky: Upstream) -> None:
    empty = replace(sticky, endpoints=())
    port = publish(route(forward_to(empty)), upstreams=(empty,))
    answer = ask(lab, port)
    assert answer.status == 503
    assert cookies_of(answer) == []
    assert "x-sekisho-target" not in answer.headers
