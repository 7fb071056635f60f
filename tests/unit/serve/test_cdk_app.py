"""Running CDK apps: what they are told, and what is made of how they end."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from sekisho.kernel.errors import UsageError
from sekisho.serve.cdk_app import find_cdk_app, synthesize
from sekisho.serve.sources import find_app_to_run, load_source

APP = """\
import json, os, sys
told = {name: value for name, value in os.environ.items() if name.startswith(("CDK_", "CONTEXT_"))}
context = json.loads(told["CDK_CONTEXT_JSON"])
if "CONTEXT_OVERFLOW_LOCATION_ENV" in told:
    context |= json.load(open(told["CONTEXT_OVERFLOW_LOCATION_ENV"]))
folder = told["CDK_OUTDIR"]
json.dump({"told": told, "context": context, "argv": sys.argv[1:]}, open("told.json", "w"))
if "fail" in sys.argv:
    print("no such construct")
    sys.exit(3)
if "silent" not in sys.argv:
    artifacts = {"App": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "App.template.json"}}}
    missing = [{"key": "vpc-provider:account=1"}] if "lookup" in sys.argv else []
    json.dump({"artifacts": artifacts, "missing": missing}, open(folder + "/manifest.json", "w"))
    open(folder + "/App.template.json", "w").write('{"Resources": {}}')
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def configure(folder: Path, *words: str, **members: Any) -> None:
    members = {"app": f"{sys.executable} app.py {' '.join(words)}".strip(), **members}
    (folder / "cdk.json").write_text(json.dumps(members))


def run(folder: Path) -> list[str]:
    """Run the app of a folder; return what it has printed."""
    app = find_cdk_app(folder)
    assert app is not None
    lines: list[str] = []
    environment = {"PATH": os.defpath, "HOME": str(folder)}
    asyncio.run(synthesize(app, "eu-west-1", "123456789012", environment, lines.append))
    return lines


def told(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "told.json").read_text()))


def test_an_app_is_told_where_it_is_and_where_to_write(folder: Path) -> None:
    configure(folder, "first", context={"size": 3})
    (folder / "cdk.context.json").write_text('{"zones": ["a", "b"]}')
    assert run(folder) == []
    found = told(folder)
    assert found["argv"] == ["first"]
    assert found["told"]["CDK_OUTDIR"] == str(folder / "cdk.out")
    assert found["told"]["CDK_DEFAULT_REGION"] == "eu-west-1"
    assert found["told"]["CDK_DEFAULT_ACCOUNT"] == "123456789012"
    assert found["context"] == {
        "size": 3,
        "zones": ["a", "b"],
        "aws:cdk:enable-path-metadata": True,
        "aws:cdk:enable-asset-metadata": True,
        "aws:cdk:version-reporting": True,
        "aws:cdk:bundling-stacks": ["**"],
    }
    assert [stack.name for stack in load_source(folder).stacks] == ["App"]


def test_settings_reach_an_app_as_context(folder: Path) -> None:
    configure(folder, versionReporting=False, pathMetadata=False, assetMetadata=False, staging=False)
    run(folder)
    assert told(folder)["context"] == {
        "aws:cdk:disable-asset-staging": True,
        "aws:cdk:bundling-stacks": ["**"],
    }


def test_a_long_context_comes_in_a_file_that_is_gone_afterwards(folder: Path) -> None:
    configure(folder, context={"long": "x" * 200_000})
    run(folder)
    found = told(folder)
    assert found["context"]["long"] == "x" * 200_000
    assert not Path(found["told"]["CONTEXT_OVERFLOW_LOCATION_ENV"]).exists()


def test_the_build_comes_first_and_the_output_is_where_the_file_says(folder: Path) -> None:
    (folder / "app.py").rename(folder / "source.py")
    configure(folder, build="echo building && cp source.py app.py", output="build/assembly")
    assert run(folder) == ["building"]
    assert (folder / "build/assembly/manifest.json").is_file()
    assert [stack.name for stack in load_source(folder).stacks] == ["App"]


def test_an_app_may_be_a_list_of_words(folder: Path) -> None:
    configure(folder, app=[sys.executable, "app.py", "second"])
    run(folder)
    assert told(folder)["argv"] == ["second"]


def test_an_app_may_be_a_cloud_assembly(folder: Path) -> None:
    configure(folder)
    run(folder)
    configure(folder, app="cdk.out")
    app = find_cdk_app(folder)
    assert app is not None
    assert (app.commands, app.output) == ((), folder / "cdk.out")
    assert [stack.name for stack in load_source(folder).stacks] == ["App"]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("fail", "ended with status 3"),
        ("silent", "wrote no cloud assembly"),
        ("lookup", r"looks up vpc-provider:account=1 in an account; run `cdk synth` with credentials once"),
    ],
)
def test_what_went_wrong_is_told(folder: Path, word: str, message: str) -> None:
    configure(folder, word)
    with pytest.raises(UsageError, match=message):
        run(folder)


def test_a_failing_app_is_heard(folder: Path) -> None:
    configure(folder, "fail")
    app = find_cdk_app(folder)
    assert app is not None
    lines: list[str] = []
    with pytest.raises(UsageError):
        asyncio.run(synthesize(app, "eu-west-1", "1", {"PATH": os.defpath}, lines.append))
    assert lines == ["no such construct"]


def test_giving_up_ends_the_app_and_what_it_has_started(folder: Path) -> None:
    os.mkfifo(folder / "alive")
    configure(folder, app="echo started; sleep 600 > alive & sleep 600")

    async def scenario() -> None:
        app = find_cdk_app(folder)
        assert app is not None
        started = asyncio.Event()
        work = asyncio.create_task(
            synthesize(app, "eu-west-1", "1", {"PATH": os.defpath}, lambda _line: started.set())
        )
        async with asyncio.timeout(30):
            await started.wait()
            # Opens when the child has opened its end, and ends when the child does.
            with await asyncio.to_thread(open, folder / "alive") as alive:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                assert await asyncio.to_thread(alive.read) == ""

    asyncio.run(scenario())


def test_an_app_runs_where_it_has_written_nothing_or_is_to_run_anew(folder: Path) -> None:
    configure(folder)
    assert find_app_to_run(folder, anew=False) is not None
    run(folder)
    assert find_app_to_run(folder, anew=False) is None
    assert find_app_to_run(folder, anew=True) is not None
    assert find_app_to_run(folder / "cdk.out", anew=True) is None
    (folder / "cdk.out" / "manifest.json").unlink()
    (folder / "template.yaml").write_text("Resources: {}\n")
    (folder / "sekisho.yaml").write_text("template: template.yaml\n")
    assert find_app_to_run(folder, anew=False) is None
    assert find_app_to_run(folder, anew=True) is not None


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"app": ""}'])
def test_a_file_that_names_no_app_is_refused(folder: Path, text: str) -> None:
    (folder / "cdk.json").write_text(text)
    with pytest.raises(UsageError, match=r"cdk\.json"):
        find_cdk_app(folder)
