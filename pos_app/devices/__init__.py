"""What is plugged into the till: receipt printer and cash drawer, each behind a port that tests can stand in for."""
