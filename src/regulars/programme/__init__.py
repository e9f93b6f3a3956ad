"""The programme as a document: read it, check it, compare it, forecast with it, all without I/O."""
