"""Importing a catalogue from a file: read, judge each row, write what holds, report the rest."""
