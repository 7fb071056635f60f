"""Functions for end-to-end tests: archives of code, and a function behind a listener of its own."""

import io
import zipfile
from typing import Any

ROLE = "arn:aws:iam::000000000000:role/r"
SUBNETS = ["subnet-0a1b2c3d", "subnet-1a2b3c4d"]

BEHAVES = """
import json, time

def handler(event, context):
    match event["path"]:
        case "/throw":
            raise ValueError("no")
        case "/exit":
            raise SystemExit(3)
        case "/slow":
            time.sleep(30)
        case "/rubbish":
            return "neither headers nor a status"
        case "/no-status":
            return {"body": "x"}
        case "/large":
            answer = {"statusCode": 200, "body": ""}
            size = 1_048_576 - len(json.dumps(answer)) + int(event["queryStringParameters"]["over"])
            return {**answer, "body": "x" * size}
    return {
        "statusCode": 201,
        "statusDescription": "201 Made",
        "headers": {"Content-Type": "application/json", "X-Cased": "y"},
        "body": json.dumps(event),
    }
"""
"""A Python handler that behaves as the path of the request says."""

NODE = """
exports.handler = async (event) => {
  if (event.path === "/throw") throw new TypeError("no");
  return { statusCode: 200, headers: { "content-type": "text/plain" }, body: `node ${event.path}` };
};
"""


def archive(**files: str) -> bytes:
    """Return a zip archive; ``__`` in a name stands for a dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        for name, content in files.items():
            opened.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


def make_function(lambda_: Any, name: str, code: bytes, **params: Any) -> str:
    """Create a function and return its ARN."""
    given = {"Runtime": "python3.12", "Handler": "index.handler", "Role": ROLE, "Timeout": 10, **params}
    return str(lambda_.create_function(FunctionName=name, Code={"ZipFile": code}, **given)["FunctionArn"])


def make_target_group(elbv2: Any, lambda_: Any, name: str, function_arn: str) -> str:
    """Create a target group with a function, which its policy lets in, and return the group's ARN."""
    made = elbv2.create_target_group(Name=name, TargetType="lambda")
    group = str(made["TargetGroups"][0]["TargetGroupArn"])
    lambda_.add_permission(
        FunctionName=function_arn,
        StatementId=f"elb-{name}",
        Action="lambda:InvokeFunction",
        Principal="elasticloadbalancing.amazonaws.com",
        SourceArn=group,
    )
    elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": function_arn}])
    return group


def make_listener(elbv2: Any, name: str, group: str) -> str:
    """Create a load balancer whose only listener forwards to a group, and return the listener's ARN."""
    made = elbv2.create_load_balancer(Name=name, Subnets=SUBNETS)
    balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    made = elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    return str(made["Listeners"][0]["ListenerArn"])
