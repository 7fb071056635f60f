"""The engine behind the operations, and the resource types that run here."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sekisho.cfn.engine import Engine, find_stack
from sekisho.cfn.errors import TemplateError
from sekisho.cfn.serverless import translate_serverless
from sekisho.cfn.transforms import SERVERLESS, Transform
from sekisho.cfn.types import TypeCatalogue
from sekisho.cfn.work import Parts
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Stack
from sekisho.services.apigatewayv2 import cfn as apigatewayv2
from sekisho.services.cognito_idp import cfn as cognito_idp
from sekisho.services.context import LongContext
from sekisho.services.elbv2 import cfn as elbv2
from sekisho.services.lambda_ import cfn as lambda_
from sekisho.store.api import Reader

TYPES = TypeCatalogue(
    (*apigatewayv2.CORE_TYPES, *cognito_idp.CORE_TYPES, *elbv2.CORE_TYPES, *lambda_.CORE_TYPES)
)
"""Every resource type; how those are made that run here stands in the ``cfn`` module of their service."""

TRANSFORMS: Mapping[str, Transform] = {SERVERLESS: translate_serverless}
"""The transforms that run here, besides those of the engine itself."""


def open_engine(ctx: LongContext) -> Engine:
    """Return the engine of one operation."""
    account_id = ctx.account_id
    return Engine(
        Parts(ctx.store, ctx.operations, TYPES, ctx.clock, ctx.ids, account_id, transforms=TRANSFORMS)
    )


@contextmanager
def located_errors() -> Iterator[None]:
    """Add the place in the template to the message of what is raised inside: a client sees nothing else."""
    try:
        yield
    except TemplateError as error:
        place = f" ({error.location})" if error.location else ""
        raise ServiceError(error.code, f"{error.message}{place}") from None


def get_stack(state: Reader, home: str, name: str) -> Stack:
    """Return the stack of that name or ARN; a deleted one is found by its ARN only.

    Raises:
        ServiceError: there is none.
    """
    stack = find_stack(state.list(Stack, home), name)
    if stack is None:
        raise ServiceError("ValidationError", f"Stack with id {name} does not exist")
    return stack
