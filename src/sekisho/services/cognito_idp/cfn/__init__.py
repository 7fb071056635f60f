"""How CloudFormation makes user pools and what belongs to them.

Properties, return values and replacement:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Cognito.html
"""

from sekisho.services.cognito_idp.cfn.clients import (
    USER_POOL_CLIENT,
    USER_POOL_DOMAIN,
    USER_POOL_RESOURCE_SERVER,
)
from sekisho.services.cognito_idp.cfn.user_pool import USER_POOL
from sekisho.services.cognito_idp.cfn.users import (
    USER_POOL_GROUP,
    USER_POOL_USER,
    USER_POOL_USER_TO_GROUP_ATTACHMENT,
)

CORE_TYPES = (
    USER_POOL,
    USER_POOL_CLIENT,
    USER_POOL_DOMAIN,
    USER_POOL_GROUP,
    USER_POOL_RESOURCE_SERVER,
    USER_POOL_USER,
    USER_POOL_USER_TO_GROUP_ATTACHMENT,
)
"""The types of this service that run here."""
