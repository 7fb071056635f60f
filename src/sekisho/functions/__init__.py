"""Lambda functions run for real: worker processes, the Lambda Runtime API, and HTTP turned into events and back.

Owns processes and sockets; knows the operations of no service.
"""
