"""Functions: created, described, changed and deleted as a client sees it."""

import base64
import hashlib
from typing import Any

import pytest

from sekisho.model.lambda_ import CodeObject, FunctionVersion

from .conftest import ROLE, Account, archive

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"


def folders(account: Account) -> list[str]:
    folder = account.folder / "functions"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_a_new_function_is_described_with_its_defaults(account: Account) -> None:
    code = archive(index__py="x = 1\n")
    account.call(
        "CreateFunction", FunctionName="f", Runtime="python3.12", Handler="index.h", Role=ROLE,
        Code={"ZipFile": code},
    )  # fmt: skip
    found = account.call("GetFunctionConfiguration", FunctionName="f")
    revision = found.pop("RevisionId")
    assert len(revision) == 36
    assert found == {
        "FunctionName": "f", "FunctionArn": ARN, "Runtime": "python3.12", "Role": ROLE, "Handler": "index.h",
        "CodeSize": len(code), "CodeSha256": base64.b64encode(hashlib.sha256(code).digest()).decode(),
        "Description": "", "Timeout": 3, "MemorySize": 128, "LastModified": "2026-11-21T00:00:00.000+0000",
        "Version": "$LATEST", "State": "Active", "LastUpdateStatus": "Successful", "PackageType": "Zip",
        "Architectures": ["x86_64"], "EphemeralStorage": {"Size": 512}, "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"},
    }  # fmt: skip


def test_what_was_given_is_described(account: Account) -> None:
    account.create(
        Description="d", Timeout=7, MemorySize=256, Environment={"Variables": {"KEY": "1"}}, Tags={"t": "v"},
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:000000000000:q"},
        TracingConfig={"Mode": "Active"}, Layers=["arn:aws:lambda:us-east-1:000000000000:layer:l:1"],
        Architectures=["arm64"], SnapStart={"ApplyOn": "PublishedVersions"},
    )  # fmt: skip
    answer = account.call("GetFunction", FunctionName="f")
    found = answer["Configuration"]
    assert (found["Description"], found["Timeout"], found["MemorySize"]) == ("d", 7, 256)
    assert found["Environment"] == {"Variables": {"KEY": "1"}}
    assert found["VpcConfig"]["SubnetIds"] == ["subnet-1"]
    assert found["TracingConfig"] == {"Mode": "Active"}
    assert found["Layers"][0]["Arn"].endswith(":layer:l:1")
    assert found["Architectures"] == ["arm64"]
    assert answer["Tags"] == {"t": "v"}


@pytest.mark.semantics("LAMBDA-06")
def test_no_download_location_is_made_up(account: Account) -> None:
    account.create()
    assert account.call("GetFunction", FunctionName="f")["Code"] == {"RepositoryType": "S3"}


def test_no_function_has_its_code_signed(account: Account) -> None:
    account.create()
    assert account.call("GetFunctionCodeSigningConfig", FunctionName="f") == {"FunctionName": "f"}
    assert account.refused("GetFunctionCodeSigningConfig", FunctionName="g").status == 404


def test_a_function_is_found_by_every_form_of_its_name(account: Account) -> None:
    account.create()
    for name in ("f", "function:f", "000000000000:function:f", ARN, f"{ARN}:$LATEST"):
        assert account.call("GetFunction", FunctionName=name)["Configuration"]["FunctionName"] == "f"
    assert account.call("GetFunction", FunctionName="f", Qualifier="$LATEST")["Configuration"][
        "FunctionArn"
    ] == (f"{ARN}:$LATEST")


@pytest.mark.parametrize(
    ("name", "qualifier", "code", "text"),
    [
        ("g", None, "ResourceNotFoundException", f"Function not found: {ARN[:-1]}g"),
        ("f", "7", "ResourceNotFoundException", f"Function not found: {ARN}:7"),
        (f"{ARN}:7", None, "ResourceNotFoundException", f"Function not found: {ARN}:7"),
        (
            ARN.replace("us-east-1", "eu-west-1"), None, "ResourceNotFoundException",
            "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
        ),
        (
            f"{ARN}:1", "2", "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        ),
    ],
)  # fmt: skip
def test_a_name_that_finds_nothing(
    account: Account, name: str, qualifier: str | None, code: str, text: str
) -> None:
    account.create()
    params = {"Qualifier": qualifier} if qualifier else {}
    refused = account.refused("GetFunction", FunctionName=name, **params)
    assert (refused.code, refused.message) == (code, text)


def test_a_name_is_taken_once(account: Account) -> None:
    account.create()
    other = archive(index__py="y = 2\n")
    refused = account.refused(
        "CreateFunction", FunctionName="f", Runtime="python3.12", Handler="i.h", Role=ROLE,
        Code={"ZipFile": other},
    )  # fmt: skip
    assert (refused.code, refused.status) == ("ResourceConflictException", 409)
    assert refused.message == "Function already exist: f"
    assert len(folders(account)) == 1


RESERVED = "Lambda was unable to configure your environment variables because the environment variables"


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"Handler": None}, "InvalidParameterValueException", "Runtime and Handler are mandatory"),
        ({"Code": {}}, "InvalidParameterValueException", "Please provide a source for function code."),
        (
            {"Code": {"ZipFile": b"x", "S3Bucket": "bbb"}}, "InvalidParameterValueException",
            "Please do not provide other FunctionCode parameters when providing a ZipFile.",
        ),
        (
            {"Code": {"S3Bucket": "bbb", "S3Key": "k"}}, "InvalidParameterValueException",
            "Error occurred while GetObject. S3 Error Code: NoSuchKey.",
        ),
        ({"Timeout": 901}, "ValidationException", "Value '901' at 'timeout' failed to satisfy constraint"),
        (
            {"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException",
            f"{RESERVED} you have provided contains reserved keys that are currently not supported",
        ),
        (
            {"Environment": {"Variables": {"KEY": "x" * 4094}}}, "InvalidParameterValueException",
            f"{RESERVED} you have provided exceeded the 4KB limit. Size measured: 4097",
        ),
        ({"PackageType": "Image"}, "InvalidParameterValueException", "PackageType must be Zip"),
        ({"Code": {"ImageUri": "x"}}, "ValidationException", "'code.imageUri'"),
        ({"Runtime": "cobol1"}, "ValidationException", "at 'runtime' failed to satisfy constraint"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_leaves_nothing(
    account: Account, changes: dict[str, Any], code: str, text: str
) -> None:
    params = {
        "FunctionName": "f", "Runtime": "python3.12", "Handler": "index.h", "Role": ROLE,
        "Code": {"ZipFile": archive(index__py="x = 1\n")}, **changes,
    }  # fmt: skip
    refused = account.refused(
        "CreateFunction", **{name: value for name, value in params.items() if value is not None}
    )
    assert refused.code == code
    assert text in refused.message
    assert account.call("ListFunctions")["Functions"] == []


BAD_ZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."


@pytest.mark.semantics("LAMBDA-01")
@pytest.mark.parametrize(
    "code",
    [
        b"",
        b"not a zip",
        archive(index__py="x" * 500)[:300],
        archive({"../evil__py": "x"}),
        archive({"/evil__py": "x"}),
        archive({"a/../../evil__py": "x"}),
        archive({"a": "x", "a/b": "y"}),
    ],
    ids=["empty", "text", "cut", "parent", "absolute", "hidden-parent", "file-and-folder"],
)
def test_a_bad_archive_is_refused_and_leaves_nothing_behind(account: Account, code: bytes) -> None:
    refused = account.refused(
        "CreateFunction", FunctionName="f", Runtime="python3.12", Handler="i.h", Role=ROLE,
        Code={"ZipFile": code},
    )  # fmt: skip
    assert (refused.code, refused.message) == ("InvalidParameterValueException", BAD_ZIP)
    assert folders(account) == []
    assert not (account.folder / "evil.py").exists()


def test_an_upload_that_is_too_large_is_refused(account: Account) -> None:
    refused = account.refused(
        "CreateFunction", FunctionName="f", Runtime="python3.12", Handler="i.h", Role=ROLE,
        Code={"ZipFile": bytes(50 * 1024 * 1024 + 1)},
    )  # fmt: skip
    assert (refused.code, refused.status) == ("RequestEntityTooLargeException", 413)
    assert refused.message == "Request must be smaller than 70167211 bytes for the CreateFunction operation"


@pytest.mark.semantics("LAMBDA-01")
def test_code_is_unpacked_by_its_content_and_cannot_be_written_to(account: Account) -> None:
    code = archive({"bin/run": b"x", "index__py": "a = 1\n"}, mode=0o755)
    for name in ("f", "g"):
        account.create(name, Code={"ZipFile": code})
    (folder,) = folders(account)
    assert folder == hashlib.sha256(code).hexdigest()
    path = account.folder / "functions" / folder / "bin" / "run"
    assert path.read_bytes() == b"x"
    assert path.stat().st_mode & 0o777 == 0o555


def test_other_code_runs_at_the_next_invocation(account: Account) -> None:
    account.create(source="def handler(e, c):\n    return 1\n")
    assert account.invoke() == 1
    before = account.call("GetFunctionConfiguration", FunctionName="f")
    code = archive(index__py="def handler(e, c):\n    return 2\n")
    dry = account.call("UpdateFunctionCode", FunctionName="f", ZipFile=code, DryRun=True)
    assert account.invoke() == 1
    changed = account.call("UpdateFunctionCode", FunctionName="f", ZipFile=code)
    assert account.invoke() == 2
    assert changed["CodeSha256"] == dry["CodeSha256"] != before["CodeSha256"]
    assert changed["RevisionId"] != before["RevisionId"]


def test_configuration_changes_what_is_given_only(account: Account) -> None:
    account.create(
        source="import os\ndef handler(e, c):\n    return os.environ.get('KEY')\n",
        Environment={"Variables": {"KEY": "1"}}, Description="d",
    )  # fmt: skip
    assert account.invoke() == "1"
    account.call("UpdateFunctionConfiguration", FunctionName="f", MemorySize=512)
    assert account.invoke() == "1"
    account.call("UpdateFunctionConfiguration", FunctionName="f", Environment={"Variables": {}})
    assert account.invoke() is None
    found = account.call("GetFunctionConfiguration", FunctionName="f")
    assert (found["MemorySize"], found["Description"]) == (512, "d")
    assert "Environment" not in found


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("UpdateFunctionConfiguration", {"Timeout": 5}),
        ("UpdateFunctionCode", {"ZipFile": archive(a="b")}),
        ("PublishVersion", {}),
    ],
)
def test_a_change_of_what_has_changed_is_refused(
    account: Account, operation: str, params: dict[str, Any]
) -> None:
    stale = account.create()["RevisionId"]
    account.call("UpdateFunctionConfiguration", FunctionName="f", RevisionId=stale, Timeout=4)
    refused = account.refused(operation, FunctionName="f", RevisionId=stale, **params)
    assert (refused.code, refused.status) == ("PreconditionFailedException", 412)


def test_a_deleted_function_takes_all_with_it(account: Account) -> None:
    account.create(Publish=True)
    account.call("CreateAlias", FunctionName="f", Name="a", FunctionVersion="1")
    account.call(
        "AddPermission", FunctionName="f", StatementId="s", Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )  # fmt: skip
    assert account.call("DeleteFunction", FunctionName="f") == {"StatusCode": 204}
    for operation, params in (("GetFunction", {}), ("GetPolicy", {}), ("GetAlias", {"Name": "a"})):
        assert account.refused(operation, FunctionName="f", **params).code == "ResourceNotFoundException"
    assert account.refused("DeleteFunction", FunctionName="f").status == 404
    account.create()
    assert len(account.call("ListVersionsByFunction", FunctionName="f")["Versions"]) == 1


def test_functions_are_listed_in_pages(account: Account) -> None:
    for name in ("c", "a", "b"):
        account.create(name)
    first = account.call("ListFunctions", MaxItems=2)
    rest = account.call("ListFunctions", MaxItems=2, Marker=first["NextMarker"])
    assert [one["FunctionName"] for one in (*first["Functions"], *rest["Functions"])] == ["a", "b", "c"]
    assert "NextMarker" not in rest
    account.call("PublishVersion", FunctionName="a")
    everything = account.call("ListFunctions", FunctionVersion="ALL")["Functions"]
    assert [one["FunctionArn"].rpartition(":")[2] for one in everything][:2] == ["$LATEST", "1"]


def test_an_object_that_this_machine_has_is_the_code(account: Account) -> None:
    source = account.folder / "source"
    source.mkdir()
    (source / "index.py").write_text("def handler(e, c):\n    return 'from a folder'\n")
    zipped = account.folder / "code.zip"
    zipped.write_bytes(archive(index__py="def handler(e, c):\n    return 'from a file'\n"))
    with account.store.write() as state:
        state.put(CodeObject("bucket", "folder.zip", str(source)))
        state.put(CodeObject("bucket", "file.zip", str(zipped)))
    account.create(Code={"S3Bucket": "bucket", "S3Key": "folder.zip"})
    assert account.invoke() == "from a folder"
    first = account.call("GetFunctionConfiguration", FunctionName="f")["CodeSha256"]
    account.call("UpdateFunctionCode", FunctionName="f", S3Bucket="bucket", S3Key="file.zip")
    assert account.invoke() == "from a file"
    account.call("UpdateFunctionCode", FunctionName="f", S3Bucket="bucket", S3Key="folder.zip")
    assert account.call("GetFunctionConfiguration", FunctionName="f")["CodeSha256"] == first


def test_code_that_no_version_uses_is_swept_when_the_server_starts(account: Account) -> None:
    account.create()
    account.call("UpdateFunctionCode", FunctionName="f", ZipFile=archive(index__py="x = 2\n"))
    (account.folder / "functions" / "unfinished-x").mkdir()
    with account.store.read() as state:
        used = state.list(FunctionVersion)[0].configuration.code.folder
    assert len(folders(account)) == 3
    account.stop()
    account.start()
    assert folders(account) == [used]
