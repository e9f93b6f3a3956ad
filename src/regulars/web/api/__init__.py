"""The calls of version 1, one noun a file."""
