"""A package, so that the service which its tests share is stopped after the last of them and not at the end of the session."""
