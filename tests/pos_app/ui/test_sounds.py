"""Tones that can be told apart, and silence where it is asked for."""

from __future__ import annotations

import io
import itertools
import struct
import wave
from collections.abc import Callable

import pytest

from pos_app.ui.sounds import RATE_HZ, TONES, Sounds, tone_wav
from tests.pos_app.ui.conftest import Counter


def samples(name: str, percent: int = 70) -> tuple[int, ...]:
    with wave.open(io.BytesIO(tone_wav(TONES[name], percent))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE_HZ)
        frames = file.readframes(file.getnframes())
    return struct.unpack(f"<{len(frames) // 2}h", frames)


@pytest.mark.parametrize("name", TONES)
def test_a_tone_has_its_pitch_and_length(name: str) -> None:
    tone, heard = TONES[name], samples(name)
    crossings = sum((a < 0) != (b < 0) for a, b in itertools.pairwise(heard))
    assert crossings == pytest.approx(2 * tone.hertz * tone.beep_ms * tone.times / 1_000, rel=0.1)
    whole_ms = tone.beep_ms * tone.times + tone.beep_ms / 2 * (tone.times - 1)
    assert len(heard) == pytest.approx(RATE_HZ * whole_ms / 1_000, rel=0.02)


def test_louder_is_louder() -> None:
    assert max(samples("ok", 20)) < max(samples("ok", 90)) <= 32_767


def test_a_good_scan_and_a_refusal_sound_and_light_up(
    make_counter: Callable[..., Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[str] = []
    monkeypatch.setattr(Sounds, "play", lambda self, name: played.append(name))
    counter = make_counter()
    counter.hands.scan("6901285991219")
    counter.settle()
    counter.hands.scan("6901234567809")
    counter.settle()
    assert played == ["ok", "refused"]


def test_muted_makes_no_file() -> None:
    sounds = Sounds(0)
    sounds.play("ok")
    assert sounds._folder is None


def test_files_are_made_once_and_taken_away() -> None:
    sounds = Sounds(70)
    path = sounds.file("ok")
    assert path.read_bytes()[:4] == b"RIFF"
    assert sounds.file("ok") == path
    sounds.close()
    assert not path.exists()
