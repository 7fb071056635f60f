"""Functions behind a real load balancer: every documented answer, and the next request works."""

import asyncio
import base64
import contextlib
import functools
import json
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.config import Config
from botocore.session import Session
from tests.support.functions import (
    BEHAVES,
    NODE,
    archive,
    make_function,
    make_listener,
    make_target_group,
)

from sekisho.app import Server
from sekisho.kernel.settings import Settings
from sekisho.serve.sources import load_source

pytestmark = pytest.mark.slow

PAGE_502 = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)


@dataclass
class Lab:
    """A server, clients of its API that can be called from the event loop, and an HTTP client."""

    server: Server
    http: httpx.AsyncClient
    elbv2: Any
    lambda_: Any

    async def run(self, function: Callable[..., Any], *arguments: Any, **params: Any) -> Any:
        """Call the API outside the event loop, which has to answer it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(THREADS, functools.partial(function, *arguments, **params))

    async def listen(self, name: str, code: bytes, **params: Any) -> str:
        """Put a function behind a listener and return the listener's URL."""
        arn = await self.run(make_function, self.lambda_, name, code, **params)
        group = await self.run(make_target_group, self.elbv2, self.lambda_, name, arn)
        return await self.url(await self.run(make_listener, self.elbv2, name, group))

    async def url(self, listener: str) -> str:
        return next(one.url for one in await self.server.endpoints() if one.arn == listener)

    async def reason(self, trace: str) -> str:
        """Return why the request with that trace id was not answered by the function."""
        deadline = time.monotonic() + 10
        while True:
            for decision in self.server.envoy.decisions.recent:
                if trace in decision.request_id:
                    return decision.reason
            assert time.monotonic() < deadline, "no decision record"
            await asyncio.sleep(0.02)


THREADS = ThreadPoolExecutor(20)


@contextlib.asynccontextmanager
async def lab() -> AsyncIterator[Lab]:
    async with Server(Settings(ephemeral=True, port=0)) as server, httpx.AsyncClient(trust_env=False) as http:
        config = Config(retries={"total_max_attempts": 1}, proxies={}, max_pool_connections=30)

        def client(service: str) -> Any:
            return Session().create_client(
                service, region_name="us-east-1", endpoint_url=server.url, aws_access_key_id="any",
                aws_secret_access_key="any", config=config,
            )  # fmt: skip

        elbv2, lambda_ = client("elbv2"), client("lambda")
        yield Lab(server, http, elbv2, lambda_)
        elbv2.close()
        lambda_.close()


def run(scenario: Callable[[Lab], Awaitable[None]]) -> None:
    async def main() -> None:
        async with lab() as here:
            await scenario(here)

    asyncio.run(main())


TRACE = "1-00000000-{:024x}"


async def check_page(here: Lab, url: str, number: int, status: int, reason: str, **request: Any) -> None:
    trace = TRACE.format(number)
    headers = {"x-amzn-trace-id": f"Root={trace}", **request.pop("headers", {})}
    answer = await here.http.request(request.pop("method", "GET"), url, headers=headers, **request)
    assert answer.status_code == status, url
    assert answer.headers["server"] == "awselb/2.0"
    assert answer.headers["content-type"] == "text/html"
    assert "x-sekisho-reason" not in answer.headers
    if status == 502:
        assert answer.content == PAGE_502
    assert await here.reason(trace) == reason


@pytest.mark.semantics("ALB-LAMBDA-02", "ALB-LAMBDA-03", "ALB-LAMBDA-04", "ALB-LAMBDA-05", "ALB-LAMBDA-07")
def test_each_failure_has_its_page_and_the_next_request_works() -> None:
    async def scenario(here: Lab) -> None:
        url = await here.listen("f", archive(index__py=BEHAVES), Timeout=2)
        cases: list[tuple[str, int, str, dict[str, Any]]] = [
            ("/throw", 502, "LambdaUnhandled", {}),
            ("/exit", 502, "LambdaUnhandled", {}),
            ("/slow", 502, "LambdaUnhandled", {}),
            ("/rubbish", 502, "LambdaInvalidResponse", {}),
            ("/no-status", 502, "LambdaInvalidResponse", {}),
            ("/large?over=1", 502, "LambdaResponseTooLarge", {}),
            ("/", 413, "LambdaRequestTooLarge", {"method": "POST", "content": bytes(1_048_577)}),
            (
                "/",
                400,
                "LambdaWebsocketNotSupported",
                {"headers": {"connection": "upgrade", "upgrade": "websocket"}},
            ),
        ]
        for number, (path, status, reason, request) in enumerate(cases):
            await check_page(here, f"{url}{path}", number, status, reason, **request)
            answer = await here.http.get(f"{url}/works")
            assert (answer.status_code, answer.reason_phrase) == (201, "Made"), path
        largest = await here.http.get(f"{url}/large?over=0")
        assert largest.status_code == 200
        assert len(largest.content) > 1_048_000

    run(scenario)


@pytest.mark.semantics("ALB-LAMBDA-01", "ALB-LAMBDA-05", "LAMBDA-02", "LAMBDA-10", "LAMBDA-11")
def test_a_function_that_may_not_or_cannot_run_is_a_502() -> None:
    async def scenario(here: Lab) -> None:
        code = archive(index__py=BEHAVES)
        shut = await here.listen("shut", code)
        await here.run(here.lambda_.remove_permission, FunctionName="shut", StatementId="elb-shut")
        await check_page(here, shut, 1, 502, "LambdaAccessDenied")
        cobol = await here.listen("java", code, Runtime="java21")
        await check_page(here, cobol, 2, 502, "LambdaInvalidRuntimeException")
        still = await here.listen("still", code)
        await here.run(
            here.lambda_.put_function_concurrency, FunctionName="still", ReservedConcurrentExecutions=0
        )
        await check_page(here, still, 3, 502, "LambdaThrottling")
        await here.run(here.lambda_.delete_function_concurrency, FunctionName="still")
        assert (await here.http.get(still)).status_code == 201
        await here.run(here.lambda_.delete_function, FunctionName="still")
        await check_page(here, still, 4, 502, "LambdaResourceNotFound")
        codes = {one.code for one in here.server.diagnostics()}
        assert "target-no-function" in codes

    run(scenario)


@pytest.mark.semantics("ALB-LAMBDA-09", "ALB-LAMBDA-10", "EDGE-15")
def test_the_event_says_what_the_client_sent() -> None:
    async def scenario(here: Lab) -> None:
        url = await here.listen("f", archive(index__py=BEHAVES))
        request = here.http.build_request(
            "POST",
            f"{url}/a%20b?k=v%20w&k=x",
            content=b"\xff\x00",
            headers={
                "Authorization": "Bearer t",
                "X-Sekisho-Upstream": "forged",
                "content-type": "application/octet-stream",
            },
        )
        event = (await here.http.send(request)).json()
        headers = event["headers"]
        group = event["requestContext"]["elb"]["targetGroupArn"]
        assert group.startswith("arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/f/")
        assert (event["httpMethod"], event["path"]) == ("POST", "/a%20b")
        assert event["queryStringParameters"] == {"k": "x"}
        assert (event["body"], event["isBase64Encoded"]) == (base64.b64encode(b"\xff\x00").decode(), True)
        assert headers["authorization"] == "Bearer t"
        assert headers["x-forwarded-for"] == "127.0.0.1"
        assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("http", "80")
        assert headers["x-amzn-trace-id"].startswith("Root=1-")
        assert headers["content-length"] == "2"
        assert not [name for name in headers if name.startswith(("x-sekisho", "x-envoy"))]
        assert "transfer-encoding" not in headers

    run(scenario)


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on the PATH")
def test_a_node_handler_answers_and_throws() -> None:
    async def scenario(here: Lab) -> None:
        url = await here.listen("node", archive(index__js=NODE), Runtime="nodejs20.x")
        assert (await here.http.get(f"{url}/hello")).text == "node /hello"
        await check_page(here, f"{url}/throw", 1, 502, "LambdaUnhandled")
        assert (await here.http.get(f"{url}/again")).text == "node /again"

    run(scenario)


def test_requests_at_the_same_time_run_at_the_same_time() -> None:
    meet = """
import pathlib, time, os
def handler(event, context):
    folder = pathlib.Path(os.environ["FOLDER"])
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < 5:
        time.sleep(0.01)
    return {"statusCode": 200, "body": str(os.getpid())}
"""

    async def scenario(here: Lab) -> None:
        folder = here.server.data_path / "meet"
        folder.mkdir()
        environment = {"Variables": {"FOLDER": str(folder)}}
        url = await here.listen("f", archive(index__py=meet), Environment=environment, Timeout=30)
        answers = await asyncio.gather(*(here.http.get(url, timeout=30) for _ in range(5)))
        assert len({answer.text for answer in answers}) == 5
        again = await here.http.get(url)
        assert again.text in {answer.text for answer in answers}

    run(scenario)


def test_functions_that_call_back_do_not_wait_for_each_other() -> None:
    source = """
import os, urllib.request
def handler(event, context):
    if event == "inner":
        return "pong"
    url = os.environ["AWS_ENDPOINT_URL"] + "/2015-03-31/functions/f/invocations"
    return urllib.request.urlopen(urllib.request.Request(url, b'"inner"')).read().decode()
"""

    async def scenario(here: Lab) -> None:
        await here.run(make_function, here.lambda_, "f", archive(index__py=source), Timeout=60)
        calls = [here.run(here.lambda_.invoke, FunctionName="f", Payload=b'"outer"') for _ in range(12)]
        answers = await asyncio.gather(*calls)
        payloads = [await here.run(answer["Payload"].read) for answer in answers]
        assert payloads == [b'"\\"pong\\""'] * 12

    run(scenario)


@pytest.mark.semantics("ALB-LAMBDA-12")
def test_the_health_of_a_function_is_found_out_by_invoking_it() -> None:
    source = """
def handler(event, context):
    well = event["headers"] == {"user-agent": "ELB-HealthChecker/2.0"} and event["path"] == "/health"
    return {"statusCode": 204 if well else 500}
"""

    async def scenario(here: Lab) -> None:
        url = await here.listen("f", archive(index__py=source))
        (group,) = (await here.run(here.elbv2.describe_target_groups))["TargetGroups"]
        arn = group["TargetGroupArn"]

        async def health() -> Any:
            described = await here.run(here.elbv2.describe_target_health, TargetGroupArn=arn)
            return described["TargetHealthDescriptions"][0]["TargetHealth"]

        assert await health() == {
            "State": "unavailable",
            "Reason": "Target.HealthCheckDisabled",
            "Description": "Health checks are disabled",
        }
        await here.run(
            here.elbv2.modify_target_group, TargetGroupArn=arn, HealthCheckEnabled=True,
            HealthCheckPath="/health", Matcher={"HttpCode": "204"},
        )  # fmt: skip
        deadline = time.monotonic() + 20
        while (await health())["State"] != "healthy":
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        assert (await here.http.get(url)).status_code == 500

    run(scenario)


class Quiet:
    """Progress that nobody looks at."""

    def stack_event(self, event: Any, *, runs_here: bool) -> None:
        del event, runs_here

    def line(self, text: str) -> None:
        del text

    def container_line(self, name: str, text: str) -> None:
        del name, text


def test_a_folder_in_sekisho_yaml_is_run_in_place_and_followed(tmp_path: Path) -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "f", "Runtime": "python3.12", "Handler": "index.handler",
            "Role": "arn:aws:iam::000000000000:role/r", "Code": {"S3Bucket": "bucket", "S3Key": "never-built.zip"},
        },
    }  # fmt: skip
    (tmp_path / "template.json").write_text(json.dumps({"Resources": {"F": function}}))
    (tmp_path / "src").mkdir()
    code = tmp_path / "src" / "index.py"
    code.write_text("def handler(e, c):\n    return 1\n")

    async def invoke(here: Lab) -> Any:
        answer = await here.run(here.lambda_.invoke, FunctionName="f")
        return json.loads(await here.run(answer["Payload"].read))

    async def scenario(here: Lab) -> None:
        await here.server.deployer.deploy([load_source(tmp_path / "template.json")], Quiet())
        assert {one.code for one in here.server.diagnostics()} == {"function-no-code"}
        with pytest.raises(
            here.lambda_.exceptions.InvalidZipFileException, match=r"s3://bucket/never-built\.zip"
        ):
            await invoke(here)
        (tmp_path / "sekisho.yaml").write_text("template: template.json\nassets: {F: src}\n")
        await here.server.deployer.deploy([load_source(tmp_path)], Quiet())
        assert here.server.diagnostics() == ()
        assert await invoke(here) == 1
        code.write_text("def handler(e, c):\n    return 'changed'\n")
        assert await invoke(here) == "changed"

    run(scenario)


def test_an_asset_of_a_cloud_assembly_is_the_code(tmp_path: Path) -> None:
    bucket = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "f", "Runtime": "python3.12", "Handler": "index.handler",
            "Role": "arn:aws:iam::000000000000:role/r",
            "Code": {"S3Bucket": {"Fn::Sub": bucket}, "S3Key": "abc.zip"},
        },
    }  # fmt: skip
    template = tmp_path / "app.template.json"
    template.write_text(json.dumps({"Resources": {"F": function}}))

    async def scenario(here: Lab) -> None:
        await here.server.deployer.deploy([load_source(template)], Quiet())
        asset = {
            "source": {"path": "asset.abc", "packaging": "zip"},
            "destinations": {"here": {"bucketName": bucket, "objectKey": "abc.zip"}},
        }
        (tmp_path / "app.assets.json").write_text(json.dumps({"files": {"abc": asset}}))
        (tmp_path / "asset.abc").mkdir()
        (tmp_path / "asset.abc" / "index.py").write_text("def handler(e, c):\n    return 'asset'\n")
        # The template has not changed, but now its asset is there.
        await here.server.deployer.deploy([load_source(template)], Quiet())
        shutil.rmtree(tmp_path / "asset.abc")
        answer = await here.run(here.lambda_.invoke, FunctionName="f")
        assert await here.run(answer["Payload"].read) == b'"asset"'

    run(scenario)
