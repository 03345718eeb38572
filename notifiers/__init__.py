"""Everything that goes out to people: messages, recipients, channels and documents."""
