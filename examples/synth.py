"""Synthesize examples again: write what is committed of them, or with ``--check`` compare it.

    python examples/synth.py [--check] [example ...]

Running an example needs neither Node.js nor the AWS CDK because the synthesized CloudFormation stands beside
the app: one template file, or a cloud assembly (``cdk.out``) where there are several stacks or assets;
``template`` in the example's ``sekisho.yaml`` says which. Synthesizing needs Node.js and what the example's
``requirements.txt`` asks for (``pip install '.[cdk]'``).
"""

import argparse
import difflib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

EXAMPLES = Path(__file__).parent
# A cloud assembly holds more for the CDK's own tools: the construct tree, feature flags, traces, reports.
ARTIFACTS_KEPT = {"aws:cloudformation:stack", "cdk:asset-manifest"}


def synthesize(example: Path, out: Path) -> None:
    """Run the CDK app of ``example`` as ``cdk synth`` would, into the folder ``out``.

    Raises:
        subprocess.CalledProcessError: the app failed; what it printed is on standard error.
    """
    context = json.loads((example / "cdk.json").read_text())["context"]
    environment = {
        "CDK_OUTDIR": str(out),
        "CDK_CONTEXT_JSON": json.dumps(context),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    subprocess.run([sys.executable, "app.py"], cwd=example, env={**os.environ, **environment}, check=True)


def committed_form(example: Path, out: Path) -> dict[str, bytes]:
    """Return what of the assembly ``out`` is committed: path below ``example`` -> content."""
    template = yaml.safe_load((example / "sekisho.yaml").read_text())["template"]
    manifest = json.loads((out / "manifest.json").read_text())
    artifacts = {k: v for k, v in manifest["artifacts"].items() if v["type"] in ARTIFACTS_KEPT}
    if template.endswith(".json"):
        (stack,) = (a for a in artifacts.values() if a["type"] == "aws:cloudformation:stack")
        return {template: (out / stack["properties"]["templateFile"]).read_bytes()}
    for artifact in artifacts.values():
        artifact.pop("additionalMetadataFile", None)
    trimmed = json.dumps({"version": manifest["version"], "artifacts": artifacts}, indent=1)
    files = [
        path for pattern in ("*.template.json", "*.assets.json", "asset.*/**/*") for path in out.glob(pattern)
    ]
    content = {f"{template}/{path.relative_to(out)}": path.read_bytes() for path in files if path.is_file()}
    return {f"{template}/manifest.json": trimmed.encode(), **content}


def on_disk(example: Path) -> dict[str, bytes]:
    """Return what is committed of ``example`` now, in the shape of ``committed_form``."""
    top = example / yaml.safe_load((example / "sekisho.yaml").read_text())["template"]
    files = [path for path in top.rglob("*") if path.is_file()] if top.is_dir() else [top]
    return {str(path.relative_to(example)): path.read_bytes() for path in files if path.exists()}


def differences(old: dict[str, bytes], new: dict[str, bytes]) -> list[str]:
    """Return the lines of a unified diff from ``old`` to ``new``; empty when every byte is the same."""
    lines: list[str] = []
    for name in sorted(name for name in {*old, *new} if old.get(name) != new.get(name)):
        before, after = (side.get(name, b"").decode(errors="replace").splitlines() for side in (old, new))
        lines += difflib.unified_diff(
            before, after, f"committed/{name}", f"synthesized/{name}", lineterm="", n=1
        )
    return lines


def write(example: Path, old: dict[str, bytes], new: dict[str, bytes]) -> None:
    """Replace the committed files ``old`` of ``example`` by ``new``."""
    for name in old.keys() - new.keys():
        (example / name).unlink()
    for name, content in new.items():
        path = example / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def main() -> int:
    """Return 0, or 1 when ``--check`` found a difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; print a diff and exit 1 if there is one"
    )
    parser.add_argument("example", nargs="*", help="folder name; default: all")
    args = parser.parse_args()
    names = args.example or sorted(path.parent.name for path in EXAMPLES.glob("*/cdk.json"))
    different = False
    for example in (EXAMPLES / name for name in names):
        with tempfile.TemporaryDirectory() as out:
            synthesize(example, Path(out))
            new = committed_form(example, Path(out))
        old = on_disk(example)
        diff = differences(old, new)
        different = different or bool(diff)
        if args.check:
            print(f"{example.name}: {'differs' if diff else 'as committed'}", *diff, sep="\n")
        else:
            write(example, old, new)
    return int(args.check and different)


if __name__ == "__main__":
    sys.exit(main())
