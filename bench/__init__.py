"""What is measured, against what, on this machine."""
