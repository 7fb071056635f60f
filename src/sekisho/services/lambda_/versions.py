"""Published versions, which never change.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.lambda_ import LATEST, Function, FunctionVersion
from sekisho.services.context import Context, LongContext, ReadContext
from sekisho.services.lambda_ import errors
from sekisho.services.lambda_.configuration import describe_version
from sekisho.services.lambda_.lookup import get_function, page, parse_name
from sekisho.services.ledger import members
from sekisho.services.registry import operation
from sekisho.store.api import Writer

LEDGER = {
    "PublishVersionRequest": members(
        enforced="FunctionName CodeSha256 Description RevisionId", rejected="PublishTo"
    ),
    "ListVersionsByFunctionRequest": members(enforced="FunctionName Marker MaxItems"),
}


@operation("PublishVersion")
def publish_version(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Publish the newest code and configuration; where nothing has changed, describe the last version."""
    name = parse_name(ctx, request["FunctionName"])
    get_function(ctx.state, name)
    latest = ctx.state.get(FunctionVersion, f"{name.arn}:{LATEST}")
    if request.get("RevisionId") not in (None, latest.revision_id):
        raise errors.stale_revision()
    wanted, found = request.get("CodeSha256"), latest.configuration.code.sha256
    if wanted is not None and wanted != found:
        raise errors.invalid_parameter(
            f"CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({found}). Please try"
            " again with the CodeSHA256 in $LATEST."
        )
    published = publish(ctx, ctx.state, latest, request.get("Description"))
    return describe_version(published, qualified=True)


@operation("ListVersionsByFunction", reads=True)
def list_versions_by_function(ctx: ReadContext, request: dict[str, Any]) -> dict[str, Any]:
    """List the versions of a function, ``$LATEST`` first."""
    name = parse_name(ctx, request["FunctionName"])
    get_function(ctx.state, name)
    items, more = page(ctx.state.list(FunctionVersion, name.arn), request)
    return {"Versions": [describe_version(version, qualified=True) for version in items], **more}


# --- helpers -------------------------------------------------------------------------------------------------


def publish(
    ctx: Context | LongContext, state: Writer, latest: FunctionVersion, description: str | None = None
) -> FunctionVersion:
    """Return the version that ``$LATEST`` is published as; a new one only if it differs from the last."""
    function = state.get(Function, latest.function_arn)
    last = state.find(FunctionVersion, f"{function.arn}:{function.published}")
    configuration = latest.configuration
    if description is not None:
        configuration = dataclasses.replace(configuration, description=description)
    if last is not None and _is_same(last, latest):  # LAMBDA-05
        return last
    number = function.published + 1
    version = dataclasses.replace(
        latest,
        version=str(number),
        configuration=configuration,
        last_modified=ctx.clock.now(),
        revision_id=ctx.ids.uuid(),
    )
    state.put(version)
    state.put(dataclasses.replace(function, published=number))
    return version


def _is_same(last: FunctionVersion, latest: FunctionVersion) -> bool:
    description = last.configuration.description
    return last.configuration == dataclasses.replace(latest.configuration, description=description)
