"""A typed client of the fleet server's API, for programs of ours and of anybody else: docs/api_client.md."""

from xiaotian.api_client.client import Client
from xiaotian.api_client.operation import Operation
from xiaotian.api_client.problem import ApiProblem

__all__ = ["ApiProblem", "Client", "Operation"]
