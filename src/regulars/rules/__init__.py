"""Ways to earn, one file each."""
