"""Building blocks of the projects: settings, names, providers, stack references and the components."""
