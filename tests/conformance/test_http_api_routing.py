"""100,000 selections among 300 routes: the edge chooses what the reference chooses."""

import asyncio
import dataclasses
import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from tests.e2e.alb_edge.conftest import lab, log_arrived  # noqa: F401 - fixtures
from tests.e2e.alb_edge.harness import Lab

from sekisho.compile.lower.http_apis import HttpApiLowering
from sekisho.compile.lower.key_sets import KeySets
from sekisho.kernel.route_key import METHODS, RouteKey
from sekisho.model.apigatewayv2 import Api, Definition, Deployment, Route, Stage
from sekisho.model.ir import Edge, FixedResponse, Listener
from sekisho.model.snapshot import Snapshot
from sekisho.verify.http_api_routing import RouteTable
from sekisho.verify.uri import normalize_target

SEED = 1
SELECTIONS = 100_000
ROUTES = 300
CONNECTIONS = 8
WORDS = ("pets", "dog", "cat", "toys", "prod", "a", "b.c", "~d", "1", "x-y", "caf%C3%A9")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
_LENGTH = re.compile(rb"(?i)content-length: (\d+)")

pytestmark = pytest.mark.slow


def make_key(draw: random.Random) -> str:
    segments = [
        draw.choice(WORDS) if draw.random() < 0.65 else f"{{v{number}}}"
        for number in range(draw.choice((0, 1, 1, 2, 2, 2, 3, 3, 4)))
    ]
    if draw.random() < 0.2:
        segments.append("{rest+}")
    method = "ANY" if draw.random() < 0.3 else draw.choice(METHODS)
    return f"{method} /{'/'.join(segments)}"


def make_keys(draw: random.Random, count: int, *, with_default: bool) -> list[str]:
    keys: dict[str, None] = {"$default": None} if with_default else {}
    while len(keys) < count:
        keys[make_key(draw)] = None
    ordered = list(keys)
    draw.shuffle(ordered)
    return ordered


def make_path(draw: random.Random, keys: Sequence[str], stages: Sequence[str]) -> str:
    """Return a path near the routes: one of theirs filled in, or any, sometimes bent."""
    key = RouteKey.parse(draw.choice(keys))
    if key.path is None or draw.random() < 0.4:
        steps = [draw.choice(WORDS) for _ in range(draw.randrange(6))]
    else:
        steps = [draw.choice(WORDS) if "{" in step else step for step in key.path[1:].split("/")]
    if draw.random() < 0.4:
        steps.insert(0, draw.choice(stages))
    bend = draw.random()
    if bend < 0.05:
        steps.append("")
    elif bend < 0.1 and steps:
        steps.insert(draw.randrange(len(steps)), draw.choice(("", ".", "..", "%2E%2e", "%2F")))
    elif bend < 0.15:
        steps = [step.replace("e", "%65").replace("a", "%61") for step in steps]
    return "/" + "/".join(steps)


def make_listener(stages: dict[str, list[str]], port: int) -> Listener:
    """Return the API as the compiler makes it, each route answering with its stage and key."""
    api = Api("000000000000", "us-east-1", "api", "routes", NOW)
    names: dict[str, str] = {}
    made, deployments = [], []
    for number, (name, keys) in enumerate(stages.items()):
        routes = tuple(Route(api.key, f"r{number}-{index}", key) for index, key in enumerate(keys))
        names |= {route.id: f"{name} {route.route_key}" for route in routes}
        deployments.append(Deployment(api.key, f"d{number}", NOW, Definition(routes)))
        made.append(Stage(api.key, name, NOW, NOW, deployment_id=f"d{number}"))
    snapshot = Snapshot(
        1, apis=(api,), stages=tuple(made), deployments=tuple(deployments), ports={api.arn: port}
    )
    (listener,), _ = HttpApiLowering(snapshot, KeySets(snapshot)).lower()
    return dataclasses.replace(
        listener,
        routes=tuple(
            dataclasses.replace(route, action=FixedResponse(200, "text/plain", names[found]))
            if (found := route.name.rpartition(" ")[2]) in names
            else route
            for route in listener.routes
        ),
    )


async def ask(port: int, requests: Sequence[tuple[str, str]]) -> list[tuple[int, str]]:
    """Send requests, one after the other on each of some connections, and return statuses and bodies."""
    shares = await asyncio.gather(
        *(converse(port, requests[part::CONNECTIONS]) for part in range(CONNECTIONS))
    )
    return [shares[number % CONNECTIONS][number // CONNECTIONS] for number in range(len(requests))]


async def converse(port: int, requests: Sequence[tuple[str, str]]) -> list[tuple[int, str]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for method, path in requests:
        writer.write(f"{method} {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = b"" if method == "HEAD" or length is None else await reader.readexactly(int(length[1]))
        answers.append((int(head[9:12]), body.decode()))
    writer.close()
    return answers


def expected(table: RouteTable, method: str, path: str) -> tuple[int, str]:
    found = table.select(method, normalize_target(path))
    if found is None:
        return 404, "" if method == "HEAD" else '{"message":"Not Found"}'
    return 200, "" if method == "HEAD" else f"{found.stage} {found.route_key}"


@pytest.fixture(scope="module")
def stages() -> dict[str, list[str]]:
    draw = random.Random(SEED)
    return {
        "$default": make_keys(draw, ROUTES, with_default=False),
        "prod": make_keys(draw, ROUTES, with_default=True),
        "pets": make_keys(draw, ROUTES // 3, with_default=False),
    }


@pytest.mark.semantics(*(f"HTTP-ROUTE-0{number}" for number in range(1, 9)))
def test_the_edge_selects_what_the_reference_selects(lab: Lab, stages: dict[str, list[str]]) -> None:  # noqa: F811
    draw = random.Random(SEED + 1)
    port = lab.free_port()
    lab.publish(Edge((make_listener(stages, port),)))
    keys = [key for each in stages.values() for key in each]
    requests = [
        (draw.choice(METHODS), make_path(draw, keys, ("prod", "pets", "nostage"))) for _ in range(SELECTIONS)
    ]
    answers = lab.run(ask(port, requests), timeout=280)
    table = RouteTable(stages)
    differences = [
        (method, path, found, wanted)
        for (method, path), found in zip(requests, answers, strict=True)
        if found != (wanted := expected(table, method, path))
    ]
    assert not differences, differences[:10]
    taken = {body for _, body in answers}
    assert len(taken) > 500  # the sample reaches most of the 700 routes
    statuses = [status for status, _ in answers]
    assert SELECTIONS / 100 < statuses.count(404) < SELECTIONS / 2  # both outcomes are among them
