from typing import Any

GROUP = {"LogGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:pool"}


def test_where_logs_should_go_is_told_again(account: Any) -> None:
    pool_id = account.pool()
    nowhere = {"LogDeliveryConfiguration": {"UserPoolId": pool_id, "LogConfigurations": []}}
    assert account.call("GetLogDeliveryConfiguration", UserPoolId=pool_id) == nowhere
    one = {"LogLevel": "ERROR", "EventSource": "userNotification", "CloudWatchLogsConfiguration": GROUP}
    somewhere = {"LogDeliveryConfiguration": {"UserPoolId": pool_id, "LogConfigurations": [one]}}
    set_to = {"UserPoolId": pool_id, "LogConfigurations": [one]}
    assert account.call("SetLogDeliveryConfiguration", **set_to) == somewhere
    account.call("UpdateUserPool", UserPoolId=pool_id)
    assert account.call("GetLogDeliveryConfiguration", UserPoolId=pool_id) == somewhere
    twice = {"UserPoolId": pool_id, "LogConfigurations": [one, one]}
    assert "at most one" in account.unchanged("SetLogDeliveryConfiguration", **twice)
    account.call("SetLogDeliveryConfiguration", UserPoolId=pool_id, LogConfigurations=[])
    assert account.call("GetLogDeliveryConfiguration", UserPoolId=pool_id) == nowhere
