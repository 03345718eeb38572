"""Parties in office."""

from datetime import date

from states.tables import Party


def in_office(party: Party, today: date) -> bool:
    """Say whether a party is in office on a day of the programme's zone, first and last day included."""
    return (not party.valid_from or party.valid_from <= today) and (not party.valid_to or today <= party.valid_to)
