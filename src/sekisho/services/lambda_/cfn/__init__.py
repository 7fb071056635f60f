"""How CloudFormation makes functions, permissions, versions and aliases.

Properties, return values and replacement:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
"""

from sekisho.services.lambda_.cfn.alias import ALIAS
from sekisho.services.lambda_.cfn.function import FUNCTION
from sekisho.services.lambda_.cfn.permission import PERMISSION
from sekisho.services.lambda_.cfn.version import VERSION

CORE_TYPES = (FUNCTION, PERMISSION, VERSION, ALIAS)
"""The resource types of Lambda that run here."""
