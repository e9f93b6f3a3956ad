"""Regulars: events come in from every channel, a pure engine decides, one transaction remembers."""
