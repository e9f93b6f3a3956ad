"""What the platform can do: one action, one transaction."""
