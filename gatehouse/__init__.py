"""The front door: command line, settings of the whole, local stack."""
