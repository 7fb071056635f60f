"""The resource types of CloudFormation templates."""

from scripts.reference.markdown import codes, page, table

from sekisho.model.cloudformation import CoreType
from sekisho.services.cloudformation.engine import TYPES


def render() -> str:
    """Return the page."""
    core = TYPES.core_types()
    intro = (
        f"{len(core)} types run here: their resources are made by the operations of their service, and a property "
        "that is not in the table below is refused with its name and line."
    )
    declared = (
        f"Every other type that AWS publishes, {TYPES.published_count() - len(core)} of them, is *declared*: its "
        "resources get a stable physical id, `Ref` and `Fn::GetAtt` answer in the form that AWS would use, their "
        "properties are kept, and nothing runs. So do custom resources. `sekisho up` lists what is only declared. "
        "Security groups and their egress rules are declared too, and are read for what a load balancer may reach. "
        "A type that AWS does not publish is refused with its line."
    )
    nested = (
        "`AWS::CloudFormation::Stack` is made as a stack of its own, from a template of the cloud assembly or a file "
        "beside the template."
    )
    return page(
        "CloudFormation types",
        intro,
        declared,
        nested,
        "\\* the property must be given. † a change replaces the resource.",
        *(_type(one) for one in core),
    )


def _type(core: CoreType) -> str:
    create_only = core.properties if core.update is None else core.create_only
    rows = [
        [
            f"`{name}`" + ("\\*" if name in core.required else "") + ("†" if name in create_only else "")
            for name in sorted(core.properties)
        ]
    ]
    reference = f"`{core.ref}`" if core.ref else "the physical id"
    published = TYPES.published(core.name)
    facts = table(
        ["", ""],
        [
            ["Properties", ", ".join(rows[0])],
            ["`Ref`", reference],
            ["`Fn::GetAtt`", codes(sorted(published.attributes)) or "none"],
        ],
    )
    return f"## {core.name}\n\n{facts}"
