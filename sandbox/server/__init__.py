"""The moto server of a sandbox: AWS accounts on loopback, in a process of their own."""
