"""The committed templates of the examples are what their CDK apps say today."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent for path in (REPOSITORY / "examples").glob("*/cdk.json"))
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}  # noqa: TID251 -- where a missing tool is a failure


def pins(example: Path) -> dict[str, str]:
    lines = (example / "requirements.txt").read_text().split()
    return dict(line.split("==") for line in lines)


def missing_tools(example: Path) -> str | None:
    """Say what of Node.js and the pinned CDK is not here."""
    if shutil.which("node") is None:
        return "synthesizing needs Node.js"
    for name, version in pins(example).items():
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return f"{name} is not installed: pip install '.[cdk]'"
        if installed != version:
            return f"{name} {installed} is installed, the example pins {version}: pip install '.[cdk]'"
    return None


def committed_templates(example: Path) -> list[dict[str, Any]]:
    paths = [*example.glob("template.json"), *example.glob("cdk.out/*.template.json")]
    return [json.loads(path.read_text()) for path in paths]


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_synthesizing_again_gives_the_committed_template(example: Path) -> None:
    missing = missing_tools(example)
    if missing is not None:
        assert not IN_CI, missing
        pytest.skip(missing)

    run = subprocess.run(
        [sys.executable, REPOSITORY / "examples/synth.py", "--check", example.name],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_cdk_extra_installs_the_versions_that_the_example_pins(example: Path) -> None:
    extra = (REPOSITORY / "pyproject.toml").read_text()

    assert pins(example).items() <= dict(re.findall(r'"([\w.-]+)==([\w.]+)"', extra)).items()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_committed_template_carries_no_noise_of_the_tools(example: Path) -> None:
    templates = committed_templates(example)

    assert templates
    for template in templates:
        assert "BootstrapVersion" not in template.get("Parameters", {})
        types = {resource["Type"] for resource in template["Resources"].values()}
        assert "AWS::CDK::Metadata" not in types


def test_the_listener_verifies_and_then_forwards() -> None:
    (template,) = committed_templates(REPOSITORY / "examples/alb-m2m")
    resources = template["Resources"].values()
    (listener,) = (r for r in resources if r["Type"] == "AWS::ElasticLoadBalancingV2::Listener")

    verify, forward = listener["Properties"]["DefaultActions"]

    assert (verify["Type"], verify["Order"]) == ("jwt-validation", 1)
    assert verify["JwtValidationConfig"] == {
        "Issuer": "https://dev-sekisho.us.auth0.com/",
        "JwksEndpoint": "https://dev-sekisho.us.auth0.com/.well-known/jwks.json",
        "AdditionalClaims": [
            {"Format": "single-string", "Name": "aud", "Values": ["https://api.example.com/"]}
        ],
    }
    assert (forward["Type"], forward["Order"]) == ("forward", 2)
    assert set(forward["TargetGroupArn"]) == {"Ref"}
