"""What the till sounds like: one short high tone for a good scan, two low ones for a refusal; never the only sign."""

import math
import shutil
import struct
import sys
import wave
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, QProcess

RATE_HZ = 22_050
FADE_MS = 4
PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"), ("afplay",))


@dataclass(frozen=True, slots=True)
class Tone:
    """``times`` beeps of a pitch with equal pauses."""

    hertz: int
    beep_ms: int
    times: int = 1


TONES = {"ok": Tone(880, 60), "refused": Tone(220, 150, 2), "attention": Tone(440, 120, 3)}


def tone_wav(tone: Tone, percent: int) -> bytes:
    """The tone as a WAV file: mono, 16 bits."""
    beep, pause = _beep(tone, percent), b"\0\0" * (RATE_HZ * tone.beep_ms // 2_000)
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(pause.join([beep] * tone.times))
    return out.getvalue()


def player_command() -> tuple[str, ...]:
    """How this system plays a file, empty where it cannot."""
    return next((player for player in PLAYERS if shutil.which(player[0])), ())


class Sounds(QObject):
    """Plays beside everything else; a system without sound stays silent, the colours tell the same."""

    def __init__(self, percent: int = 70) -> None:
        super().__init__()
        self._percent = percent
        self._command = player_command()
        self._folder: TemporaryDirectory[str] | None = None

    def set_percent(self, percent: int) -> None:
        """Another volume; 0 is mute."""
        if percent != self._percent:
            self._percent = percent
            self.close()

    def play(self, name: str) -> None:
        """Sound ``ok``, ``refused`` or ``attention``."""
        if self._percent <= 0:
            return
        if sys.platform == "win32":
            _play_on_windows(self.file(name))
        elif self._command:
            QProcess.startDetached(self._command[0], [*self._command[1:], str(self.file(name))])

    def file(self, name: str) -> Path:
        """The WAV file of a sound, made when it is first wanted."""
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="evertill-sounds-")
        path = Path(self._folder.name) / f"{name}.wav"
        if not path.exists():
            path.write_bytes(tone_wav(TONES[name], self._percent))
        return path

    def close(self) -> None:
        """Take the files away."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _beep(tone: Tone, percent: int) -> bytes:
    """A sine that swells and fades, so that it does not click."""
    count, fade = RATE_HZ * tone.beep_ms // 1_000, RATE_HZ * FADE_MS // 1_000
    loudest = 32_767 * min(100, percent) // 100
    samples = (
        int(loudest * min(1.0, at / fade, (count - at) / fade) * math.sin(2 * math.pi * tone.hertz * at / RATE_HZ))
        for at in range(count)
    )
    return struct.pack(f"<{count}h", *samples)


def _play_on_windows(path: Path) -> None:
    # start-up: there is no such module elsewhere
    import winsound

    flags = getattr(winsound, "SND_FILENAME", 0) | getattr(winsound, "SND_ASYNC", 0)
    getattr(winsound, "PlaySound")(str(path), flags)  # noqa: B009 its stubs exist on Windows alone
