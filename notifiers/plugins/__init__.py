"""Apprise and our own plug-ins for it: nothing outside this package imports Apprise."""
