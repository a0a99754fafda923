"""The command line of the cloud: ``evertill-cloud``."""

from cloud_api.cli.parser import main

__all__ = ["main"]
