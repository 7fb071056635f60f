"""The CDK app: the stack twice, with functions in Python and, as in the article, with functions in Node.js."""

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from tenant_routing_stack import Handler, TenantRoutingStack

app = cdk.App(analytics_reporting=False)
certificate_arn = app.node.get_context("certificateArn")
TenantRoutingStack(
    app,
    "TenantRouting",
    certificate_arn=certificate_arn,
    handler=Handler("handler/python", "index.py", lambda_.Runtime.PYTHON_3_13),
    synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
)
TenantRoutingStack(
    app,
    "TenantRoutingNode",
    certificate_arn=certificate_arn,
    handler=Handler("handler/node", "index.mjs", lambda_.Runtime.NODEJS_22_X),
    synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
)
app.synth()
