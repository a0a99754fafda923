"""Finding goods by code, name or pinyin initials."""
