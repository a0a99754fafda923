"""One sentence that says what a rule gives, on what and when, in Chinese and English as a shop's poster would."""
