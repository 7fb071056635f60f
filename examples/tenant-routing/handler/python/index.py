"""The article's handler without a framework: ``GET /`` says which tenant's function answers."""

import json
import os


def handler(event, _context):
    """Answer a request that an ALB hands to a Lambda target.

    The shape of the event and of the answer:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
    """
    if event["httpMethod"] != "GET" or event["path"] != "/":
        return response(404, "text/plain; charset=UTF-8", "404 Not Found")
    tenant = os.environ.get("TENANT_ID") or "not set"
    content = {"message": "Hello from Hono on Lambda!", "tenantId": tenant}
    return response(200, "application/json", json.dumps(content, separators=(",", ":")))


def response(status, content_type, body):
    """Put a response into the shape that an ALB expects of a Lambda target."""
    return {
        "statusCode": status,
        "headers": {"content-type": content_type},
        "body": body,
        "isBase64Encoded": False,
    }
