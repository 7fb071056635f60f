"""Running a CDK app as ``cdk synth`` does: a command that writes a cloud assembly where it is told to.

What an app is told comes in variables of its environment. Sources:
https://docs.aws.amazon.com/cdk/v2/guide/configure-synth.html,
https://docs.aws.amazon.com/cdk/v2/guide/cli.html#cli-config (``cdk.json``) and
https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/cxapp/exec.ts (the variables).
"""

import json
import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho.kernel.errors import UsageError
from sekisho.processes import spawn, stop

_FILE = "cdk.json"
_CONTEXT_FILE = "cdk.context.json"
_LONGEST_VARIABLE = 100_000
_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class CdkApp:
    """A CDK app.

    Attributes:
        folder: where its commands run.
        commands: the build, if there is one, and the app itself.
        output: the folder for the cloud assembly.
        context: what the app's constructs look up by name.
    """

    folder: Path
    commands: tuple[str, ...]
    output: Path
    context: Mapping[str, Any]

    @property
    def is_synthesized(self) -> bool:
        """Tell whether its cloud assembly is there."""
        return (self.output / "manifest.json").is_file()


def find_cdk_app(folder: Path) -> CdkApp | None:
    """Return the app whose ``cdk.json`` is in a folder; None where there is none.

    Raises:
        UsageError: the file cannot be read, or names no app.
    """
    file = folder / _FILE
    if not file.is_file():
        return None
    config = _read_object(file)
    command = _command(config.get("app"), folder)
    if not command:
        raise UsageError(f"{file} names no app")
    output = folder / str(config.get("output", "cdk.out"))
    if (folder / command).is_dir():
        return CdkApp(folder, (), folder / command, {})
    build = (str(config["build"]),) if config.get("build") else ()
    return CdkApp(folder, (*build, command), output, _context(folder, config))


async def synthesize(
    app: CdkApp, region: str, account_id: str, environment: Mapping[str, str], show: Callable[[str], None]
) -> None:
    """Run the app; what it prints is shown line by line. Its assembly is in ``app.output`` afterwards.

    Args:
        app: what to run.
        region: of stacks that name none.
        account_id: likewise.
        environment: the variables that the user would have given it.
        show: takes a line of what it prints.

    Raises:
        UsageError: a command fails, or the app needs to look something up in an account.
    """
    app.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sekisho-cdk-") as scratch:
        told = {
            "CDK_OUTDIR": str(app.output.absolute()),
            "CDK_DEFAULT_REGION": region,
            "CDK_DEFAULT_ACCOUNT": account_id,
            **_told_context(app.context, Path(scratch)),
        }
        for command in app.commands:
            await _run(command, app.folder, {**environment, **told}, show)
    _check_assembly(app)


async def _run(
    command: str, folder: Path, environment: Mapping[str, str], show: Callable[[str], None]
) -> None:
    process = await spawn(("/bin/sh", "-c", command), cwd=folder, env=environment)
    try:
        assert process.stdout is not None  # noqa: S101 - spawn opens it
        async for line in process.stdout:
            show(line.decode(errors="replace").rstrip())
        status = await process.wait()
    finally:
        if process.returncode is None:
            # The shell and all that it started, which are a process group of their own.
            os.killpg(process.pid, signal.SIGTERM)
        await stop(process, _GRACE_SECONDS)
    if status != 0:
        raise UsageError(f"the CDK app in {folder} failed: `{command}` ended with status {status}")


def _check_assembly(app: CdkApp) -> None:
    """Refuse an assembly that is not there, or not complete."""
    if not app.is_synthesized:
        raise UsageError(
            f"the CDK app in {app.folder} wrote no cloud assembly to {app.output}; does it call synth()?"
        )
    missing = [
        str(one.get("key", "")) for one in _read_object(app.output / "manifest.json").get("missing", ())
    ]
    if missing:
        raise UsageError(
            f"the CDK app in {app.folder} looks up {', '.join(missing)} in an account; run `cdk synth` with "
            f"credentials once, and keep the {_CONTEXT_FILE} that it writes"
        )


def _command(app: object, folder: Path) -> str:
    """Return the shell command of an app: a text, a list of words, or a script that Node.js runs."""
    command = " ".join(map(str, app)) if isinstance(app, list) else str(app or "")
    script = folder / command
    if command.endswith(".js") and script.is_file() and not os.access(script, os.X_OK):
        return f"node {command}"
    return command


def _context(folder: Path, config: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = _read_object(folder / _CONTEXT_FILE) if (folder / _CONTEXT_FILE).is_file() else {}
    return {**dict(_settings(config)), **config.get("context", {}), **kept}


def _settings(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the settings that reach an app as context."""
    for name, key in (
        ("pathMetadata", "aws:cdk:enable-path-metadata"),
        ("assetMetadata", "aws:cdk:enable-asset-metadata"),
        ("versionReporting", "aws:cdk:version-reporting"),
    ):
        if config.get(name, True):
            yield key, True
    if not config.get("staging", True):
        yield "aws:cdk:disable-asset-staging", True
    yield "aws:cdk:bundling-stacks", ["**"]


def _told_context(context: Mapping[str, Any], scratch: Path) -> Mapping[str, str]:
    """Return the variable with the context, or that of a file: a variable cannot be of any length."""
    text = json.dumps(context)
    if len(text.encode()) <= _LONGEST_VARIABLE:
        return {"CDK_CONTEXT_JSON": text}
    file = scratch / "context.json"
    file.write_text(text, encoding="utf-8")
    return {"CDK_CONTEXT_JSON": "{}", "CONTEXT_OVERFLOW_LOCATION_ENV": str(file)}


def _read_object(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f"{file} is not a JSON object")
    return found
