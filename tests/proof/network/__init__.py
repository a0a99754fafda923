"""Between till and cloud everything may fail: cut, repeated, killed, cloned, revoked; no sale is lost or doubled."""
