"""Prefect on this machine: its server, a worker and the deployments, started and stopped as one."""
