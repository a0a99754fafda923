"""The simulation: five tills, a cloud and a bad network in one thread, driven by one seed."""
