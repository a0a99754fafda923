"""How the till is: sync, journal, files, printer."""
