"""The roles that services assume for this environment's workloads."""

from components.workload_roles.roles import WorkloadRoles, flow_log_role, function_role

__all__ = ["WorkloadRoles", "flow_log_role", "function_role"]
