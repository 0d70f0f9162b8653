"""Bring a registry and a folder of contracts together, as a migration tool does.

`make_plan` says what a registry lacks and what speaks against it, `apply_plan` does it
and reads back what it did, `find_drift` says where the two differ, `pull_registry`
writes a folder from a registry.
"""

from registry.plans.applying import Applied, apply_plan
from registry.plans.drift import Drift, find_drift
from registry.plans.gate import Gate
from registry.plans.making import make_plan
from registry.plans.model import Plan, Refusal, RegisterVersion, SetLevel
from registry.plans.pulling import Pulled, pull_registry, write_folder
from registry.plans.saved import plan_json, read_plan, step_json, write_plan
from registry.plans.tree import Tree

__all__ = [
    "Applied",
    "Drift",
    "Gate",
    "Plan",
    "Pulled",
    "Refusal",
    "RegisterVersion",
    "SetLevel",
    "Tree",
    "apply_plan",
    "find_drift",
    "make_plan",
    "plan_json",
    "pull_registry",
    "read_plan",
    "step_json",
    "write_folder",
    "write_plan",
]
