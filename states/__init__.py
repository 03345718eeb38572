"""The machine, its guards, the ledger and the commands: everything that decides, and nothing that goes out."""
