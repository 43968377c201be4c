"""What the projects are made of: settings, names, providers, stack references and the components."""
