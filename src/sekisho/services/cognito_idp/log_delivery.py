"""Where a pool's logs should go: kept, and nothing is delivered.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/exporting-quotas-and-usage.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.cognito import UserPool
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import get_pool
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "GetLogDeliveryConfigurationRequest": members(enforced="UserPoolId"),
    "SetLogDeliveryConfigurationRequest": members(enforced="UserPoolId", stored="LogConfigurations"),
    "LogConfigurationType": members(
        stored="LogLevel EventSource CloudWatchLogsConfiguration S3Configuration FirehoseConfiguration"
    ),
    "CloudWatchLogsConfigurationType": members(stored="LogGroupArn"),
    "S3ConfigurationType": members(stored="BucketArn"),
    "FirehoseConfigurationType": members(stored="StreamArn"),
}


@operation("GetLogDeliveryConfiguration", reads=True)
def get_log_delivery_configuration(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Tell where a pool's logs should go."""
    return _encode(get_pool(ctx, ctx.state, request["UserPoolId"]))


@operation("SetLogDeliveryConfiguration")
def set_log_delivery_configuration(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Set where a pool's logs should go; an empty list is nowhere."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    wanted = list(request["LogConfigurations"])
    if len({each["EventSource"] for each in wanted}) != len(wanted):
        raise errors.invalid_parameter("An event source has at most one log configuration.")
    changed = dataclasses.replace(
        pool, settings={**pool.settings, "LogConfigurations": wanted}, modified=ctx.clock.now()
    )
    ctx.state.put(changed)
    return _encode(changed)


def _encode(pool: UserPool) -> dict[str, Any]:
    configurations = pool.settings.get("LogConfigurations", [])
    return {"LogDeliveryConfiguration": {"UserPoolId": pool.id, "LogConfigurations": configurations}}
