"""An AWS client without the AWS SDK: botocore, which is there anyway."""

from typing import Any

from botocore.config import Config
from botocore.session import Session


def aws_client(service: str, endpoint: str, region: str) -> Any:
    """Return a botocore client of a local server; any credentials do."""
    return Session().create_client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )
