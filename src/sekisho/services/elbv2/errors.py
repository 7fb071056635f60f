"""One constructor for each error of the service.

Codes and default texts are those of the service model; a text with a number or an ARN is what AWS was seen to answer.
Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html
"""

from sekisho.kernel.errors import ServiceError


def validation_error(message: str) -> ServiceError:
    """Return the refusal of a parameter that breaks a constraint."""
    return ServiceError("ValidationError", message)


def invocation_denied(function_arn: str, target_group_arn: str) -> ServiceError:
    """Return the refusal of a function whose policy does not let load balancers invoke it for the group."""
    return ServiceError(
        "AccessDenied",
        f"elasticloadbalancing principal does not have permission to invoke {function_arn} from target group"
        f" {target_group_arn}",
        403,
    )


def load_balancer_not_found(name_or_arn: str) -> ServiceError:
    """Return the refusal of a load balancer that does not exist."""
    return ServiceError("LoadBalancerNotFound", f"Load balancers '[{name_or_arn}]' not found")


def listener_not_found() -> ServiceError:
    """Return the refusal of a listener that does not exist."""
    return ServiceError("ListenerNotFound", "One or more listeners not found")


def rule_not_found() -> ServiceError:
    """Return the refusal of a rule that does not exist."""
    return ServiceError("RuleNotFound", "One or more rules not found")


def target_group_not_found() -> ServiceError:
    """Return the refusal of a target group that does not exist."""
    return ServiceError("TargetGroupNotFound", "One or more target groups not found")


def trust_store_not_found() -> ServiceError:
    """Return the refusal of a trust store; none exists here."""
    return ServiceError("TrustStoreNotFound", "The specified trust store does not exist.")


def duplicate_load_balancer_name(name: str) -> ServiceError:
    """Return the refusal of a name in use by a load balancer with other settings."""
    return ServiceError(
        "DuplicateLoadBalancerName",
        f"A load balancer with the same name '{name}' exists, but with different settings",
    )


def duplicate_target_group_name(name: str) -> ServiceError:
    """Return the refusal of a name in use by a target group with other settings."""
    return ServiceError(
        "DuplicateTargetGroupName",
        f"A target group with the same name '{name}' exists, but with different settings",
    )


def duplicate_listener(load_balancer_arn: str) -> ServiceError:
    """Return the refusal of a port that another listener of the load balancer has."""
    return ServiceError(
        "DuplicateListener",
        f"A listener already exists on this port for this load balancer '{load_balancer_arn}'",
    )


def duplicate_tag_keys(key: str) -> ServiceError:
    """Return the refusal of a tag key that is given twice."""
    return ServiceError("DuplicateTagKeys", f"Tag key '{key}' was specified more than once")


def priority_in_use(priority: int) -> ServiceError:
    """Return the refusal of a priority that another rule of the listener has."""
    return ServiceError("PriorityInUse", f"Priority '{priority}' is currently in use")


def invalid_action(message: str) -> ServiceError:
    """Return the refusal of a list of actions that makes no sense."""
    return ServiceError("InvalidLoadBalancerAction", message)


def invalid_configuration(message: str) -> ServiceError:
    """Return the refusal of settings that do not go together."""
    return ServiceError("InvalidConfigurationRequest", message)


def incompatible_protocols(message: str) -> ServiceError:
    """Return the refusal of a target group that a listener's protocol cannot serve."""
    return ServiceError("IncompatibleProtocols", message)


def unsupported_protocol(protocol: str) -> ServiceError:
    """Return the refusal of a protocol that Application Load Balancers do not speak."""
    return ServiceError(
        "UnsupportedProtocol", f"Protocol '{protocol}' is not supported; it must be one of 'HTTP, HTTPS'"
    )


def certificate_not_found(arn: str) -> ServiceError:
    """Return the refusal of a certificate that is not on the listener."""
    return ServiceError("CertificateNotFound", f"Certificate '{arn}' not found")


def ssl_policy_not_found(name: str) -> ServiceError:
    """Return the refusal of a security policy that does not exist."""
    return ServiceError("SSLPolicyNotFound", f"SSL policy '{name}' not found")


def subnet_not_found(subnet_id: str) -> ServiceError:
    """Return the refusal of a subnet id that cannot be one."""
    return ServiceError("SubnetNotFound", f"The subnet ID '{subnet_id}' does not exist")


def invalid_security_group(group_id: str) -> ServiceError:
    """Return the refusal of a security group id that cannot be one."""
    return ServiceError("InvalidSecurityGroup", f"One or more security groups are invalid: '{group_id}'")


def resource_in_use(arn: str) -> ServiceError:
    """Return the refusal to delete a target group that an action names."""
    return ServiceError("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")


def operation_not_permitted(message: str) -> ServiceError:
    """Return the refusal of what a resource does not let happen to it."""
    return ServiceError("OperationNotPermitted", message)


def invalid_target(message: str) -> ServiceError:
    """Return the refusal of a target."""
    return ServiceError("InvalidTarget", message)


def target_group_association_limit(arn: str) -> ServiceError:
    """Return the refusal of a target group that another load balancer uses."""
    return ServiceError(
        "TargetGroupAssociationLimit",
        f"The following target groups cannot be associated with more than one load balancer: {arn}",
    )


def too_many(what: str, limit: int) -> ServiceError:
    """Return the refusal to pass a quota; ``what`` is the end of the code, e.g. ``Rules`` for TooManyRules."""
    return ServiceError(f"TooMany{what}", f"{_QUOTAS[what]}; the limit is {limit}")


_QUOTAS = {
    "Actions": "You've reached the limit on the number of actions per rule",
    "Certificates": "You've reached the limit on the number of certificates per load balancer",
    "Listeners": "You've reached the limit on the number of listeners per load balancer",
    "LoadBalancers": "You've reached the limit on the number of load balancers for your account",
    "Rules": "You've reached the limit on the number of rules per load balancer",
    "Tags": "You've reached the limit on the number of tags for this resource",
    "TargetGroups": "You've reached the limit on the number of target groups",
    "Targets": "You've reached the limit on the number of targets",
    "UniqueTargetGroupsPerLoadBalancer": (
        "You've reached the limit on the number of unique target groups per load balancer"
    ),
}
