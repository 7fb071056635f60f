"""Which TLS versions a security policy allows.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
"""

import re

_MINIMUM = re.compile(r"-(?:TLS13|TLS|FS)-1-([0-3])(?:-|$)")


def tls_versions(policy: str | None) -> tuple[str, str]:
    """Return the lowest and the highest TLS version of a policy: its name says both.

    A policy without a version in its name (``ELBSecurityPolicy-2016-08``, ``ELBSecurityPolicy-FS-2018-06``) allows
    TLS 1.0 to 1.2.
    """
    name = policy or ""
    found = _MINIMUM.search(name)
    minimum = f"1.{found[1]}" if found else "1.0"
    return minimum, "1.3" if "-TLS13-" in name else "1.2"
