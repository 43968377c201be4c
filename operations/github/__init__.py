"""What workflows tell people on GitHub: decided here, said through the `gh` command line."""
