"""The quotas of an account, with AWS's names for them and its default values.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
"""

LOAD_BALANCERS = 50
LISTENERS_PER_LOAD_BALANCER = 50
RULES_PER_LOAD_BALANCER = 100
CERTIFICATES_PER_LOAD_BALANCER = 25
TARGET_GROUPS = 3000
TARGET_GROUPS_PER_LOAD_BALANCER = 100
TARGET_GROUPS_PER_ACTION = 5
TARGETS_PER_GROUP = 1000
CONDITION_VALUES_PER_RULE = 5
CONDITION_WILDCARDS_PER_RULE = 6
TAGS_PER_RESOURCE = 50
ARNS_PER_CALL = 20

ACCOUNT_LIMITS: tuple[tuple[str, int], ...] = (
    ("target-groups", TARGET_GROUPS),
    ("targets-per-application-load-balancer", TARGETS_PER_GROUP),
    ("listeners-per-application-load-balancer", LISTENERS_PER_LOAD_BALANCER),
    ("rules-per-application-load-balancer", RULES_PER_LOAD_BALANCER),
    ("condition-values-per-alb-rule", CONDITION_VALUES_PER_RULE),
    ("condition-wildcards-per-alb-rule", CONDITION_WILDCARDS_PER_RULE),
    ("target-groups-per-application-load-balancer", TARGET_GROUPS_PER_LOAD_BALANCER),
    ("target-groups-per-action-on-application-load-balancer", TARGET_GROUPS_PER_ACTION),
    ("certificates-per-application-load-balancer", CERTIFICATES_PER_LOAD_BALANCER),
    ("targets-per-target-group", TARGETS_PER_GROUP),
    ("application-load-balancers", LOAD_BALANCERS),
)
"""What DescribeAccountLimits answers; quotas of other load balancer types are left out."""
