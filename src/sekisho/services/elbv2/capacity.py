"""Capacity reservations: a load balancer here has none, and can be asked so.

Terraform asks with every read of a load balancer. Source:
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeCapacityReservation.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.services.context import ReadContext
from sekisho.services.elbv2.lookup import get_load_balancer
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {"DescribeCapacityReservationInput": members(enforced="LoadBalancerArn")}


@operation("DescribeCapacityReservation", reads=True)
def describe_capacity_reservation(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the reservation of a load balancer: no minimum capacity, and no zone with a state of it."""
    get_load_balancer(ctx, request["LoadBalancerArn"])
    return {"CapacityReservationState": []}
