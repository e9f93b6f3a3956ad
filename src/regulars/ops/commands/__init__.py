"""The commands, each an action with its options. What it needs is imported when it runs, so that help is quick."""
