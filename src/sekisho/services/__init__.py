"""The operations of every AWS service that runs here, one function each, in the file of its noun.

Reads and writes state only through the context it is given.
"""

from sekisho.services.apigatewayv2 import SERVICE as APIGATEWAYV2
from sekisho.services.cloudformation import SERVICE as CLOUDFORMATION
from sekisho.services.cognito_idp import SERVICE as COGNITO_IDP
from sekisho.services.elbv2 import SERVICE as ELBV2
from sekisho.services.lambda_ import SERVICE as LAMBDA
from sekisho.services.registry import Service

SERVICES: tuple[Service, ...] = (APIGATEWAYV2, CLOUDFORMATION, COGNITO_IDP, ELBV2, LAMBDA)
"""Every service; the server answers their operations and no others."""
