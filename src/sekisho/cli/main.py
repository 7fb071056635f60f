"""The command's entry point."""
