"""Reserved concurrency: how many invocations of a function may run at a time.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.lambda_ import Function, FunctionVersion
from sekisho.services.context import Context, ReadContext
from sekisho.services.lambda_ import errors
from sekisho.services.lambda_.lookup import get_function, parse_name
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "PutFunctionConcurrencyRequest": members(enforced="FunctionName ReservedConcurrentExecutions"),
    "GetFunctionConcurrencyRequest": members(enforced="FunctionName"),
    "DeleteFunctionConcurrencyRequest": members(enforced="FunctionName"),
    "GetAccountSettingsRequest": members(),
}

ACCOUNT_LIMIT = 1000
_LEAST_UNRESERVED = 100


@operation("PutFunctionConcurrency")
def put_function_concurrency(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Reserve concurrency; 0 throttles every invocation."""
    function = _get_unqualified(ctx, request)
    wanted = request["ReservedConcurrentExecutions"]
    others = _reserved(ctx) - (function.reserved_concurrency or 0)
    if ACCOUNT_LIMIT - others - wanted < _LEAST_UNRESERVED:
        raise errors.invalid_parameter(
            "Specified ReservedConcurrentExecutions for function decreases account's"
            f" UnreservedConcurrentExecution below its minimum value of [{_LEAST_UNRESERVED}]."
        )
    ctx.state.put(dataclasses.replace(function, reserved_concurrency=wanted))
    return {"ReservedConcurrentExecutions": wanted}


@operation("GetFunctionConcurrency", reads=True)
def get_function_concurrency(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the reserved concurrency; nothing where none is reserved."""
    reserved = _get_unqualified(ctx, request).reserved_concurrency
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


@operation("DeleteFunctionConcurrency")
def delete_function_concurrency(ctx: Context, request: Mapping[str, Any]) -> None:
    """Let the function share the account's concurrency again."""
    ctx.state.put(dataclasses.replace(_get_unqualified(ctx, request), reserved_concurrency=None))


@operation("GetAccountSettings", reads=True)
def get_account_settings(ctx: ReadContext, _request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the account's limits and what is used of them."""
    functions = ctx.state.list(Function, ctx.home)
    versions = [one for function in functions for one in ctx.state.list(FunctionVersion, function.arn)]
    return {
        "AccountLimit": {
            "TotalCodeSize": 80530636800,
            "CodeSizeUnzipped": 262144000,
            "CodeSizeZipped": 52428800,
            "ConcurrentExecutions": ACCOUNT_LIMIT,
            "UnreservedConcurrentExecutions": ACCOUNT_LIMIT - _reserved(ctx),
        },
        "AccountUsage": {
            "TotalCodeSize": sum(version.configuration.code.size for version in versions),
            "FunctionCount": len(functions),
        },
    }


# --- helpers -------------------------------------------------------------------------------------------------


def _get_unqualified(ctx: ReadContext, request: Mapping[str, Any]) -> Function:
    name = parse_name(ctx, request["FunctionName"])
    if name.qualifier is not None:
        raise errors.invalid_parameter("This operation is permitted on Lambda functions only.")
    return get_function(ctx.state, name)


def _reserved(ctx: ReadContext) -> int:
    return sum(function.reserved_concurrency or 0 for function in ctx.state.list(Function, ctx.home))
