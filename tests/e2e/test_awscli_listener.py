"""A guarded listener from an empty server, with nothing but the real AWS command line and an issuer."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support.process import ServerProcess, until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("awscli")]

DOMAIN = "dev-awscli.us.auth0.com"
AUDIENCE, OTHER = "https://api.example.com/", "https://other.example.com/"
PAGE_401 = (
    b"<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n"
    b"<center><h1>401 Authorization Required</h1></center>\r\n</body>\r\n</html>\r\n"
)
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


def jwt_validation(**changes: Any) -> dict[str, Any]:
    config = {
        "JwksEndpoint": f"https://{DOMAIN}/.well-known/jwks.json",
        "Issuer": f"https://{DOMAIN}/",
        "AdditionalClaims": [{"Format": "single-string", "Name": "aud", "Values": [AUDIENCE]}],
    }
    return {"Type": "jwt-validation", "JwtValidationConfig": {**config, **changes}, "Order": 1}


@dataclass
class Built:
    """What the commands made."""

    server: ServerProcess
    balancer: str
    group: str
    listener: str


@pytest.fixture(scope="module")
def credentials(sekisho_server: ServerProcess) -> dict[str, str]:
    """A tenant with two APIs and a client that may use both, made through the Management API."""
    server = sekisho_server
    made = server.post("/_sekisho/tenants", {"domain": DOMAIN})
    api = f"{made['url'].removeprefix(server.url)}/api/v2"
    for identifier in (AUDIENCE, OTHER):
        server.post(f"{api}/resource-servers", {"identifier": identifier, "token_dialect": "rfc9068_profile"})
    client = server.post(
        f"{api}/clients",
        {"name": "batch", "app_type": "non_interactive", "grant_types": ["client_credentials"]},
    )
    for audience in (AUDIENCE, OTHER):
        grant = {"client_id": client["client_id"], "audience": audience, "scope": []}
        server.post(f"{api}/client-grants", grant)
    return {name: client[name] for name in ("client_id", "client_secret")}


@pytest.fixture(scope="module")
def built(sekisho_server: ServerProcess, target_port: int) -> Built:
    aws = sekisho_server.aws_json
    subnets = ("subnet-0a1b2c3d", "subnet-1a2b3c4d")
    made = aws("elbv2", "create-load-balancer", "--name", "products", "--subnets", *subnets)
    balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
    made = aws(
        *("elbv2", "create-target-group", "--name", "products", "--protocol", "HTTP", "--port", "8000"),
        *("--vpc-id", "vpc-0a1b2c3d", "--target-type", "ip"),
    )
    group = made["TargetGroups"][0]["TargetGroupArn"]
    target = f"Id=127.0.0.1,Port={target_port}"
    aws("elbv2", "register-targets", "--target-group-arn", group, "--targets", target)
    actions = [jwt_validation(), {"Type": "forward", "TargetGroupArn": group, "Order": 2}]
    made = aws(
        *(
            "elbv2",
            "create-listener",
            "--load-balancer-arn",
            balancer,
            "--protocol",
            "HTTPS",
            "--port",
            "443",
        ),
        *("--certificates", f"CertificateArn={CERTIFICATE}", "--default-actions", json.dumps(actions)),
    )
    listener = made["Listeners"][0]["ListenerArn"]

    def is_healthy() -> bool:
        health = aws("elbv2", "describe-target-health", "--target-group-arn", group)
        return bool(health["TargetHealthDescriptions"][0]["TargetHealth"]["State"] == "healthy")

    until(is_healthy, 10)
    return Built(sekisho_server, balancer, group, listener)


def token(server: ServerProcess, credentials: dict[str, str], audience: str) -> str:
    url = server.endpoint("tenant")["url"].removeprefix(server.url)
    form = {**credentials, "audience": audience, "grant_type": "client_credentials"}
    return str(server.post(f"{url}/oauth/token", form)["access_token"])


def test_it_answers_as_the_template_does(built: Built, credentials: dict[str, str]) -> None:
    server = built.server
    url = f"{server.endpoint('alb-listener')['url']}/products"
    with server.http() as http:
        refused = http.get(url)
        assert (refused.status_code, refused.content) == (401, PAGE_401)
        assert refused.headers["server"] == "awselb/2.0"
        good = {"authorization": f"Bearer {token(server, credentials, AUDIENCE)}"}
        answer = http.get(url, headers=good)
        assert (answer.status_code, answer.content) == (200, b"hello from the target")
        other = {"authorization": f"Bearer {token(server, credentials, OTHER)}"}
        refused = http.get(url, headers=other)
        assert (refused.status_code, refused.content) == (401, PAGE_401)


def test_the_describe_commands_echo_what_was_configured(built: Built) -> None:
    aws = built.server.aws_json
    listeners = aws("elbv2", "describe-listeners", "--load-balancer-arn", built.balancer)["Listeners"]
    assert [one["ListenerArn"] for one in listeners] == [built.listener]
    (listener,) = listeners
    assert (listener["Protocol"], listener["Port"]) == ("HTTPS", 443)
    assert listener["Certificates"] == [{"CertificateArn": CERTIFICATE}]
    guard, forward = listener["DefaultActions"]
    assert guard == jwt_validation()
    assert (forward["Type"], forward["Order"], forward["TargetGroupArn"]) == ("forward", 2, built.group)
    (rule,) = aws("elbv2", "describe-rules", "--listener-arn", built.listener)["Rules"]
    assert (rule["IsDefault"], rule["Priority"], rule["Actions"][0]) == (True, "default", guard)
    (group,) = aws("elbv2", "describe-target-groups", "--names", "products")["TargetGroups"]
    assert (group["TargetType"], group["Port"], group["LoadBalancerArns"]) == ("ip", 8000, [built.balancer])


FORWARD = {"Type": "forward", "Order": 2}
CLAIMS = [{"Format": "single-string", "Name": f"c{number}", "Values": ["v"]} for number in range(11)]
REFUSED: dict[str, tuple[str, list[dict[str, Any]], str]] = {
    "on HTTP": ("HTTP", [jwt_validation(), FORWARD], "InvalidLoadBalancerAction"),
    "no terminal action": ("HTTPS", [jwt_validation()], "InvalidLoadBalancerAction"),
    "11 claims": ("HTTPS", [jwt_validation(AdditionalClaims=CLAIMS), FORWARD], "ValidationError"),
    "claim exp": (
        "HTTPS",
        [
            jwt_validation(AdditionalClaims=[{"Format": "single-string", "Name": "exp", "Values": ["1"]}]),
            FORWARD,
        ],
        "InvalidLoadBalancerAction",
    ),
    "issuer of 257": ("HTTPS", [jwt_validation(Issuer="i" * 257), FORWARD], "ValidationError"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_listener_changes_nothing(built: Built, case: str) -> None:
    protocol, given, code = REFUSED[case]
    actions = [{**one, "TargetGroupArn": built.group} if one is FORWARD else one for one in given]
    server = built.server
    elbv2 = server.client("elbv2")
    before = elbv2.describe_listeners(LoadBalancerArn=built.balancer)["Listeners"]
    endpoints = server.get("/_sekisho/endpoints")
    arguments = ["elbv2", "create-listener", "--load-balancer-arn", built.balancer, "--protocol", protocol]
    arguments += ["--port", "8443", "--default-actions", json.dumps(actions)]
    if protocol == "HTTPS":
        arguments += ["--certificates", f"CertificateArn={CERTIFICATE}"]
    done = server.aws(*arguments)
    assert done.returncode != 0, done.stdout
    assert f"({code}) when calling the CreateListener operation" in done.stderr
    if case == "no terminal action":
        wanted = "One action of the following types must be specified: redirect,fixed-response,forward"
        assert wanted in done.stderr
    assert elbv2.describe_listeners(LoadBalancerArn=built.balancer)["Listeners"] == before
    assert server.get("/_sekisho/endpoints") == endpoints
