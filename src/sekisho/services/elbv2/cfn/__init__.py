"""How CloudFormation makes load balancers, target groups, listeners, rules and listener certificates.

Properties, return values and replacement:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ElasticLoadBalancingV2.html
"""

from sekisho.services.elbv2.cfn.certificate import LISTENER_CERTIFICATE
from sekisho.services.elbv2.cfn.listener import LISTENER
from sekisho.services.elbv2.cfn.load_balancer import LOAD_BALANCER
from sekisho.services.elbv2.cfn.rule import LISTENER_RULE
from sekisho.services.elbv2.cfn.target_group import TARGET_GROUP

CORE_TYPES = (LOAD_BALANCER, TARGET_GROUP, LISTENER, LISTENER_RULE, LISTENER_CERTIFICATE)
"""The resource types of Elastic Load Balancing that run here."""
