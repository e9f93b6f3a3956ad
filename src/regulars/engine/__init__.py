"""What is decided: the nouns of loyalty and pure decisions about them, one concept a file."""
