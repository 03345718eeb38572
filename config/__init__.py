"""The words, the rules and the settings: what everything else reads and nothing here depends on."""
