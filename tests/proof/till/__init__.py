"""What a machine can do to a till: kills, power cuts, failing disks, rot, clocks, and backups brought back."""
