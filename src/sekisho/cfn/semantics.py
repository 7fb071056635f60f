"""What stacks promise, rule by rule, with the page that says so."""

from sekisho.kernel.semantics import Kind, Rule

_GUIDE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide"

RULES: tuple[Rule, ...] = (
    Rule(
        "CFN-01",
        "A resource is made after everything that it refers to or names in DependsOn, and deleted before it.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/aws-attribute-dependson.html",
    ),
    Rule(
        "CFN-02",
        "When a resource cannot be made, what the operation has done is undone and the stack says ROLLBACK_COMPLETE "
        "or UPDATE_ROLLBACK_COMPLETE.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/using-cfn-describing-stacks.html",
    ),
    Rule(
        "CFN-03",
        "An update touches only resources whose resolved properties have changed.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/using-cfn-updating-stacks-update-behaviors.html",
    ),
    Rule(
        "CFN-04",
        "A change of a create-only property makes a new resource first and deletes the old one when all others have "
        "been updated.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/using-cfn-updating-stacks-update-behaviors.html",
    ),
    Rule(
        "CFN-05",
        "A resource with a name of its own in the template is not replaced while it keeps that name.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/cfn-using-names.html",
    ),
    Rule(
        "CFN-06",
        "Resources that leave the template are deleted last, when the update can no longer fail.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/using-cfn-describing-stacks.html",
    ),
    Rule(
        "CFN-07",
        "DeletionPolicy Retain keeps a resource that leaves its stack.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/aws-attribute-deletionpolicy.html",
        "What is only declared lives nowhere but in the stack, and goes with it.",
    ),
    Rule(
        "CFN-08",
        "An update that would change nothing is refused with: No updates are to be performed.",
        Kind.OBSERVED,
        "https://github.com/localstack/localstack",
    ),
    Rule(
        "CFN-09",
        "An export has one owner, and can be neither changed nor removed while another stack imports it.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/using-cfn-stack-exports.html",
    ),
    Rule(
        "CFN-10",
        "An operation that was cut short is taken up where it stood and ends as if it had not been.",
        Kind.CHOSEN,
        f"{_GUIDE}/using-cfn-describing-stacks.html",
        "AWS does not stop in the middle; the same end is the only one that a user can expect.",
    ),
    Rule(
        "CFN-11",
        "A template with an unknown type, property or reference is refused before anything is changed, with the line.",
        Kind.CHOSEN,
        f"{_GUIDE}/template-anatomy.html",
        "AWS finds some of these only when the resource's turn comes; finding them first costs nobody a rollback.",
    ),
    Rule(
        "CFN-12",
        "A name or listener port that belongs to something else fails the resource instead of being taken over.",
        Kind.DOCUMENTED,
        "https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract.html",
    ),
    Rule(
        "CFN-13",
        "YAML aliases, merge keys and duplicate keys are refused; dates are text.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/template-formats.html",
        "That duplicate keys are refused is chosen: of two values one would be dropped silently.",
    ),
    Rule(
        "CFN-14",
        "A nested stack is created, updated, returned and deleted with the stack around it.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/using-cfn-nested-stacks.html",
    ),
    Rule(
        "CFN-15",
        "Executing a change set voids the other change sets of its stack.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/using-cfn-updating-stacks-changesets-execute.html",
    ),
    Rule(
        "CFN-16",
        "Before a stack is rolled back an event says what failed: one of the resource, or CREATE_FAILED or "
        "UPDATE_FAILED of the stack where no resource did.",
        Kind.CHOSEN,
        f"{_GUIDE}/view-stack-events.html",
        "Whoever reads the events looks for what failed; the reason of the rollback itself is the same.",
    ),
    Rule(
        "CFN-17",
        "What a service refuses to delete, or to take back, is tried again when the rest has gone.",
        Kind.CHOSEN,
        f"{_GUIDE}/aws-attribute-dependson.html",
        "A deployment that names its stage is deleted before it, and cannot go while the stage serves it.",
    ),
    Rule(
        "CFN-18",
        "A template with transforms needs CAPABILITY_AUTO_EXPAND where a stack is made of it directly, and not where a "
        "change set shows first what it becomes; what the transforms make needs its capabilities in both.",
        Kind.DOCUMENTED,
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html",
    ),
    Rule(
        "CFN-19",
        "A serverless template with a REST API is refused, with the line.",
        Kind.CHOSEN,
        "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html",
        "REST APIs do not run here; declared like a table they would seem to be deployed and never answer.",
    ),
    Rule(
        "CFN-20",
        "A stack whose deletion has failed is deleted without the resources that RetainResources names.",
        Kind.DOCUMENTED,
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html",
    ),
    Rule(
        "CFN-21",
        "Fn::Transform with AWS::Include puts a file beside the template into the object where it stands.",
        Kind.DOCUMENTED,
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html",
    ),
)
