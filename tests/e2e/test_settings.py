"""Settings that change what is let through: access keys, and the open questions about AWS."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import botocore.exceptions
import botocore.session
import pytest
from tests.support.scene import scene

from sekisho.app import Server
from sekisho.kernel.errors import UsageError
from sekisho.kernel.settings import Settings, parse_access_keys
from sekisho.serve.data_folder import DataFolder
from sekisho.serve.web import listen


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def describe(url: str, key: str, secret: str) -> Any:
    session = botocore.session.get_session()
    client: Any = session.create_client(
        "elbv2", "us-east-1", endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=secret
    )
    return client.describe_load_balancers()["LoadBalancers"]


def sign_in(url: str) -> Any:
    session = botocore.session.get_session()
    client: Any = session.create_client(
        "cognito-idp", "us-east-1", endpoint_url=url, aws_access_key_id="x", aws_secret_access_key="x"
    )
    return client.initiate_auth(ClientId="none", AuthFlow="USER_PASSWORD_AUTH", AuthParameters={})


def test_once_keys_are_configured_signatures_are_verified() -> None:
    async def scenario() -> None:
        async with Server(Settings(ephemeral=True, port=0, access_keys="AKIAEXAMPLE:right")) as server:
            assert await asyncio.to_thread(describe, server.url, "AKIAEXAMPLE", "right") == []
            for key, secret, code in (
                ("AKIAEXAMPLE", "wrong", "SignatureDoesNotMatch"),
                ("AKIAOTHER", "right", "InvalidClientTokenId"),
            ):
                with pytest.raises(botocore.exceptions.ClientError) as refused:
                    await asyncio.to_thread(describe, server.url, key, secret)
                assert refused.value.response["Error"]["Code"] == code
            # Operations that AWS leaves unsigned stay so.
            with pytest.raises(botocore.exceptions.ClientError) as unknown:
                await asyncio.to_thread(sign_in, server.url)
            assert unknown.value.response["Error"]["Code"] not in {
                "MissingAuthenticationTokenException",
                "InvalidSignatureException",
            }

    asyncio.run(scenario())


def test_an_address_that_others_reach_needs_keys() -> None:
    with pytest.raises(UsageError, match="SEKISHO_ACCESS_KEYS"):
        Server(Settings(ephemeral=True, port=0, host="0.0.0.0"))


def test_keys_of_another_form_are_refused_without_repeating_them() -> None:
    with pytest.raises(UsageError) as refused:
        parse_access_keys("sesame")
    assert "sesame" not in refused.value.message


@pytest.mark.parametrize(("any_case", "status"), [(False, 401), (True, 200)])
def test_an_open_question_can_be_answered_otherwise_on_both_sides(any_case: bool, status: int) -> None:
    async def scenario() -> None:
        async with scene(Settings(ephemeral=True, port=0, bearer_any_case=any_case)) as here:
            headers = {"authorization": f"bearer {await here.token()}"}
            answer = await here.http.get(f"{here.listener}/", headers=headers)
            question = {"url": f"{here.listener}/", "headers": headers}
            explained = await here.http.post(f"{here.server.url}/_sekisho/explain", json=question)
            assert (answer.status_code, explained.json()["status"]) == (status, status)
            assert explained.json()["edge"]["agrees"]

    asyncio.run(scenario())


def test_a_start_that_is_refused_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the folder of an ephemeral server nor that of its sockets, nor a port that nobody answers at."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def refused(**settings: Any) -> None:
        with pytest.raises(UsageError):
            Server(Settings(ephemeral=True, **settings))
        assert names_in(tmp_path) == []

    async def scenario() -> None:
        with listen("127.0.0.1", 0) as taken:
            await refused(port=taken.getsockname()[1])
        await refused(port=0, access_keys="sesame")
        await refused(port=0, cognito_issuer="elsewhere")
        await refused(port=0, ca_bundle=(Path("missing.pem"),))
        await refused(port=0, envoy=Path("missing"))

    asyncio.run(scenario())


def test_a_data_folder_that_is_taken_frees_the_port(tmp_path: Path) -> None:
    async def scenario() -> None:
        folder = DataFolder(tmp_path, ephemeral=False)
        with listen("127.0.0.1", 0) as free:
            port = free.getsockname()[1]
        with pytest.raises(UsageError, match="another sekisho"):
            Server(Settings(data=tmp_path, port=port))
        listen("127.0.0.1", port).close()
        folder.close()

    asyncio.run(scenario())


def test_an_envoy_that_does_not_run_is_told(tmp_path: Path) -> None:
    binary = tmp_path / "envoy"
    binary.write_text("#!/bin/sh\necho critical envoy: no such instruction\nexit 7\n")
    binary.chmod(0o700)

    async def scenario() -> None:
        with pytest.raises(UsageError, match=r"envoy ended with status 7 .* no such instruction"):
            async with Server(Settings(ephemeral=True, port=0, envoy=binary)):
                pass

    asyncio.run(scenario())
