"""How CloudFormation makes HTTP APIs and what belongs to them.

Properties, return values and replacement:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html
"""

from sekisho.services.apigatewayv2.cfn.api import API
from sekisho.services.apigatewayv2.cfn.domain_name import API_MAPPING, DOMAIN_NAME
from sekisho.services.apigatewayv2.cfn.overrides import MANAGED_OVERRIDES
from sekisho.services.apigatewayv2.cfn.parts import AUTHORIZER, INTEGRATION, ROUTE
from sekisho.services.apigatewayv2.cfn.stage import DEPLOYMENT, STAGE
from sekisho.services.apigatewayv2.cfn.vpc_link import VPC_LINK

CORE_TYPES = (
    API,
    API_MAPPING,
    AUTHORIZER,
    DEPLOYMENT,
    DOMAIN_NAME,
    INTEGRATION,
    MANAGED_OVERRIDES,
    ROUTE,
    STAGE,
    VPC_LINK,
)
"""The resource types of API Gateway v2 that run here."""
