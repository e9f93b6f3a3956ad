"""Ways to spend, one file each."""
