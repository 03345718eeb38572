"""The commands of ``hallmark``, one module for each group; ``flows.cli`` puts them together."""
