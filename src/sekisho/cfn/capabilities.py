"""The capabilities that a template needs the caller to acknowledge.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html (Capabilities)
"""

from collections.abc import Collection

from sekisho.cfn.document import Document

_NAMES = {
    "AWS::IAM::AccessKey": None,
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": None,
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": None,
}
"""IAM types, and the property that gives one a custom name."""


def find_missing_capabilities(document: Document, given: Collection[str]) -> list[str]:
    """Return the capabilities that the template needs and that are not given."""
    needed = []
    bodies = [body for body in document.section("Resources").values() if isinstance(body, dict)]
    iam = [body for body in bodies if body.get("Type") in _NAMES]
    if any(_NAMES[body["Type"]] in (body.get("Properties") or {}) for body in iam):
        needed.append("CAPABILITY_NAMED_IAM")
    elif iam and "CAPABILITY_NAMED_IAM" not in given:
        needed.append("CAPABILITY_IAM")
    if document.body.get("Transform"):
        needed.append("CAPABILITY_AUTO_EXPAND")
    return [one for one in needed if one not in given]
