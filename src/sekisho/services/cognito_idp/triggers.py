"""The functions of a pool's ``LambdaConfig``: the event that each gets, and what may come back.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.kernel.functions import FunctionFailedError, FunctionInvoker, FunctionUnavailableError
from sekisho.model.cognito import UserPool
from sekisho.model.triggers import TriggerCall
from sekisho.services.hosting import FunctionNotRunError

_PRINCIPAL = "cognito-idp.amazonaws.com"
_SDK_VERSION = "aws-sdk-unknown-unknown"


@dataclass(frozen=True, slots=True)
class PoolTriggers:
    """Runs triggers through whatever runs functions; never to be used inside a transaction."""

    functions: FunctionInvoker

    def run(self, call: TriggerCall) -> Mapping[str, Any]:
        """Return the ``response`` of the event that the function gives back; the given one where there is no function.

        Raises:
            ServiceError: UserLambdaValidationException where the function failed, UnexpectedLambdaException where
                it could not be called, InvalidLambdaResponseException where it gave back what is no event.
        """
        if call.trigger not in call.pool.triggers:
            return call.response
        event = {
            "version": call.version,
            "region": call.pool.region,
            "userPoolId": call.pool.id,
            "userName": call.user_name,
            "callerContext": {"awsSdkVersion": _SDK_VERSION, "clientId": call.client_id},
            "triggerSource": call.source,
            "request": dict(call.request),
            "response": dict(call.response),
        }
        answer = self._invoke(call.pool, call.trigger, event)
        given_back = answer.get("response") if isinstance(answer, dict) else None
        if not isinstance(given_back, dict):
            raise ServiceError("InvalidLambdaResponseException", "Unrecognizable lambda output")
        return given_back

    def _invoke(self, pool: UserPool, trigger: str, event: Mapping[str, Any]) -> Any:
        try:
            return self.functions.invoke(pool.triggers[trigger], event, _PRINCIPAL, pool.arn)
        except FunctionFailedError as error:  # COGNITO-50
            message = f"{trigger} failed with error {error.message}."
            raise ServiceError("UserLambdaValidationException", message) from None
        except FunctionUnavailableError as error:
            reason = error.code if isinstance(error, FunctionNotRunError) else error.message
            message = f"{trigger} invocation failed due to error {reason}."
            raise ServiceError("UnexpectedLambdaException", message) from None
