"""The one-time codes that bind a new till: how they are made, read and kept."""

import hashlib
import secrets

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's Base32: nothing in it looks like something else in it."""
LENGTH = 10

_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_code() -> str:
    """A code of 50 random bits as people read it out: ``7F3A9-1C2KM``."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"{code[:5]}-{code[5:]}"


def normalise(code: str) -> str:
    """The code without its dash, in capitals, O and I and L read as the digits they were meant to be."""
    return code.strip().upper().translate(_LOOKALIKES)


def hash_code(code: str) -> str:
    """What the database keeps of a code, however it was typed."""
    return hashlib.sha256(b"evertill/1 enrol code\n" + normalise(code).encode()).hexdigest()
