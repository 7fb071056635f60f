"""The CDK app: the stack twice, with a function in Python and, as in the article, with a function in Node.js."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from http_api_stack import Handler, HttpApiStack

HANDLERS = Path(__file__).parent / "handler"

app = cdk.App(analytics_reporting=False)
domain_prefix = app.node.get_context("domainPrefix")
HttpApiStack(
    app,
    "HttpApiSample",
    domain_prefix=domain_prefix,
    handler=Handler(HANDLERS / "python/index.py", lambda_.Runtime.PYTHON_3_13),
    synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
)
HttpApiStack(
    app,
    "HttpApiSampleNode",
    domain_prefix=f"{domain_prefix}-node",
    handler=Handler(HANDLERS / "node/index.js", lambda_.Runtime.NODEJS_22_X),
    synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
)
app.synth()
