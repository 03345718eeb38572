"""The doors: one command for each thing an operator does, and one for the clock."""
