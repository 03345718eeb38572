"""Everything that comes in and everything of Prefect: deployments, workbooks, the dashboard, the command line."""
