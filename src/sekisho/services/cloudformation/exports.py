"""Exports and who imports them.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Export.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.cfn.lookup import list_exports as find_exports
from sekisho.cfn.outputs import list_importers
from sekisho.kernel.errors import ServiceError
from sekisho.services.cloudformation.paging import page
from sekisho.services.context import ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "ListExportsInput": members(enforced="NextToken"),
    "ListImportsInput": members(enforced="ExportName NextToken"),
}


@operation("ListExports", reads=True)
def list_exports(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the exports of the account and region, by name."""
    exports = sorted(find_exports(ctx.state, ctx.home).items())
    shown, token = page(exports, request)
    encoded = [
        {"ExportingStackId": stack.id, "Name": name, "Value": output.value} for name, (stack, output) in shown
    ]
    return {"Exports": encoded, **token}


@operation("ListImports", reads=True)
def list_imports(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the stacks that import an export."""
    name = request["ExportName"]
    found = find_exports(ctx.state, ctx.home).get(name)
    users = list_importers(ctx.state, found[0], name) if found else []
    if not users:
        raise ServiceError("ValidationError", f"Export '{name}' is not imported by any stack.")
    shown, token = page(users, request)
    return {"Imports": list(shown), **token}
