"""Icons, fonts, texts, templates and the sample shop, readable by every other package."""
