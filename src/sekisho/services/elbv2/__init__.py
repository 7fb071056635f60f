"""Elastic Load Balancing v2: Application Load Balancers, their listeners, rules, target groups and targets.

Reads and writes ``model/elbv2.py`` through the context. Never opens sockets: what the state asks for is served by the
parts that read it. Other load balancer types, trust stores and changes of capacity reservations are not
implemented.
"""

from sekisho.services.elbv2 import (
    account,
    actions,
    capacity,
    certificates,
    conditions,
    health_checks,
    jwt_validation,
    listeners,
    load_balancers,
    redirects,
    rules,
    tags,
    target_groups,
    targets,
    transforms,
)
from sekisho.services.registry import Service

SERVICE = Service.from_modules(
    "elbv2",
    (
        load_balancers,
        listeners,
        certificates,
        rules,
        conditions,
        actions,
        redirects,
        jwt_validation,
        transforms,
        target_groups,
        health_checks,
        targets,
        tags,
        account,
        capacity,
    ),
)
"""The service as the registry takes it."""
