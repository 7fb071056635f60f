"""The CDK app: one stack; its settings are the context of ``cdk.json``, or ``cdk deploy -c name=value``."""

import aws_cdk as cdk
from jwt_alb_sample_stack import JwtAlbSampleProps, JwtAlbSampleStack

app = cdk.App(analytics_reporting=False)
JwtAlbSampleStack(
    app,
    "JwtAlbSample",
    JwtAlbSampleProps.from_context(app.node),
    # An account of AWS's own, another one in each region, delivers access logs: the region must be known.
    env=cdk.Environment(region=app.node.get_context("region")),
    synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
)
app.synth()
