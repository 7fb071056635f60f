"""CloudFormation: loading templates, intrinsic functions, dependency order, applying by calling operations.

Owns what a template means and how a stack gets from one to the next; a service says in a ``CoreType`` record
how its own types are made. Opens no sockets; only ``cdk_out`` reads files.
"""
