"""CloudFormation templates: loading, intrinsic functions, dependency order, and applying a plan by calling operations.
"""
