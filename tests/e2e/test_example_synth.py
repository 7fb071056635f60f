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

import httpx
import pytest
from tests.support.process import running

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


def of_type(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the properties of every resource of type ``kind``."""
    return [r["Properties"] for r in template["Resources"].values() if r["Type"] == kind]


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


@pytest.mark.slow
def test_up_runs_the_app_itself(tmp_path: Path) -> None:
    source = REPOSITORY / "examples" / "http-api"
    missing = missing_tools(source)
    if missing is not None:
        assert not IN_CI, missing
        pytest.skip(missing)
    shutil.copytree(source, tmp_path / "app", ignore=shutil.ignore_patterns("cdk.out"))
    config = json.loads((tmp_path / "app" / "cdk.json").read_text())
    config["app"] = f"{sys.executable} app.py"
    (tmp_path / "app" / "cdk.json").write_text(json.dumps(config))
    (tmp_path / "app" / "sekisho.yaml").write_text("stack: HttpApiSample\n")

    with running("up", str(tmp_path / "app"), "--ephemeral", "--port", "0") as server:
        api = server.endpoint("http-api")["url"]
        assert httpx.get(f"{api}/test_jwt", trust_env=False).status_code == 401


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
    (listener,) = of_type(template, "AWS::ElasticLoadBalancingV2::Listener")

    verify, forward = listener["DefaultActions"]

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


def test_tenant_rules_verify_the_group_and_strip_the_prefix() -> None:
    for template in committed_templates(REPOSITORY / "examples/tenant-routing"):
        rules = of_type(template, "AWS::ElasticLoadBalancingV2::ListenerRule")

        assert [rule["Priority"] for rule in rules] == [10, 20]
        for rule, tenant in zip(rules, ("tenant-A", "tenant-B"), strict=True):
            verify, forward = rule["Actions"]
            assert rule["Conditions"][0]["PathPatternConfig"]["Values"] == [f"/{tenant}/*"]
            assert verify["JwtValidationConfig"]["AdditionalClaims"] == [
                {"Format": "string-array", "Name": "cognito:groups", "Values": [tenant]}
            ]
            assert (verify["Order"], forward["Order"], forward["Type"]) == (1, 2, "forward")
            (rewrite,) = rule["Transforms"][0]["UrlRewriteConfig"]["Rewrites"]
            assert rewrite == {"Regex": f"^/{tenant}/(.*)$", "Replace": "/$1"}


@pytest.mark.parametrize(
    ("stack", "source"),
    [("TenantRouting", "python/index.py"), ("TenantRoutingNode", "node/index.mjs")],
)
def test_the_committed_assets_are_the_handlers(stack: str, source: str) -> None:
    example = REPOSITORY / "examples/tenant-routing"
    template = json.loads((example / f"cdk.out/{stack}.template.json").read_text())
    handler = example / "handler" / source

    for function in of_type(template, "AWS::Lambda::Function"):
        asset = example / "cdk.out" / f"asset.{Path(function['Code']['S3Key']).stem}"
        assert {path.name: path.read_bytes() for path in asset.iterdir()} == {
            handler.name: handler.read_bytes()
        }


def test_every_http_api_route_has_a_jwt_authorizer_and_its_scopes() -> None:
    for template in committed_templates(REPOSITORY / "examples/http-api"):
        routes = {r["RouteKey"]: r for r in of_type(template, "AWS::ApiGatewayV2::Route")}

        assert {route["AuthorizationType"] for route in routes.values()} == {"JWT"}
        assert {key: scope_names(route) for key, route in routes.items()} == {
            "ANY /test_jwt": [],
            "GET /test_jwt/write": ["/write"],
            "GET /test_jwt/read": ["/read"],
        }


def scope_names(route: dict[str, Any]) -> list[str]:
    """Return what follows the resource server's identifier in each scope of ``route``."""
    return [scope["Fn::Join"][1][1] for scope in route.get("AuthorizationScopes", [])]
