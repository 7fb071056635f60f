"""The article's handler in Python: answer with the event that was received."""

import json


def handler(event, _context):
    """Echo ``event``; a JWT authorizer's claims stand in ``requestContext.authorizer.jwt.claims``."""
    return {"statusCode": 200, "body": json.dumps(event, separators=(",", ":"), ensure_ascii=False)}
