"""The cloud: the HTTP API that keeps every journal and feeds every till."""

from importlib.metadata import version

VERSION = version("evertill")
