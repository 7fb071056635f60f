"""CloudFormation's API: stacks, their resources and events, templates, exports and change sets.

Owns the operations; what a template means and how stacks change is ``sekisho.cfn``.
"""

from sekisho.services.cloudformation import change_sets, exports, resources, stacks, templates
from sekisho.services.registry import Service

SERVICE = Service.from_modules("cloudformation", (stacks, resources, templates, exports, change_sets))
