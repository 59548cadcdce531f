"""The loader: every container to float samples, and one clear line for what cannot be read."""

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from tools.errors import LimitExceeded, UserError
from tools.kit.audio import is_sounding, last_sound_s, read_audio, write_flac, write_wav

RATE = 44100


def tone(seconds: float = 1.0, hertz: float = 440.0, rate: int = RATE, channels: int = 2) -> np.ndarray:
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def encode(path: Path, samples: np.ndarray, codec: str) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = RATE, 0
        fitted = av.AudioResampler(format=stream.format.name, layout="stereo", rate=RATE).resample(frame)
        for part in [*fitted, None]:
            for packet in stream.encode(part):
                out.mux(packet)
    return path


@pytest.mark.parametrize(("writer", "suffix"), [(write_wav, ".wav"), (write_flac, ".flac")])
def test_what_is_written_is_read_back(tmp_path: Path, writer, suffix: str) -> None:
    path = tmp_path / f"tone{suffix}"
    writer(path, tone(), RATE)
    samples, rate = read_audio(path)
    assert (rate, samples.shape, samples.dtype) == (RATE, (RATE, 2), np.float32)
    assert np.abs(samples - tone()).max() < 1e-4


@pytest.mark.parametrize(("name", "codec"), [("t.mp4", "aac"), ("t.mka", "flac"), ("t.mp3", "libmp3lame")])
def test_containers_decode_to_the_same_length_and_pitch(tmp_path: Path, name: str, codec: str) -> None:
    samples, _ = read_audio(encode(tmp_path / name, tone(2.0), codec), mono=True)
    assert samples.shape == (2 * RATE, 1)
    spectrum = np.abs(np.fft.rfft(samples[10000:50000, 0]))
    assert abs(np.argmax(spectrum) * RATE / 40000 - 440) < 2


@pytest.mark.parametrize("rate", [8000, 22050, 192000])
def test_any_rate_is_resampled_to_the_one_asked(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "t.wav"
    soundfile.write(path, tone(1.0, rate=rate, channels=1), rate)
    samples, out_rate = read_audio(path, rate=22050)
    assert (out_rate, samples.shape[1]) == (22050, 1)
    assert abs(len(samples) - 22050) <= 20


def test_surround_folds_to_two_channels(tmp_path: Path) -> None:
    path = tmp_path / "t.wav"
    soundfile.write(path, tone(0.5, channels=6), RATE)
    assert read_audio(path)[0].shape == (RATE // 2, 2)


def test_a_truncated_file_gives_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "t.flac"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (RATE * 2, 2)).astype(np.float32)
    write_flac(path, noise, RATE)
    path.write_bytes(path.read_bytes()[:150_000])
    samples, _ = read_audio(path)
    assert 0 < len(samples) < RATE * 2


@pytest.mark.parametrize("content", [b"this is no audio at all, it is a letter" * 20, b"RIFF\x10\x00\x00\x00WAVEfmt "])
def test_bytes_that_are_no_audio_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fake.wav"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"fake\.wav"):
        read_audio(path)


def test_an_empty_recording_is_named(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros((0, 1)), RATE)
    with pytest.raises(UserError, match=r"empty\.wav"):
        read_audio(path)


def test_silence_is_read_unless_sound_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "quiet.wav"
    write_wav(path, np.zeros((RATE, 1), np.float32), RATE)
    assert not is_sounding(read_audio(path)[0])
    with pytest.raises(UserError, match="silent"):
        read_audio(path, need_sound=True)


def test_a_film_without_sound_is_named(films: dict[str, Path]) -> None:
    silent = [p for p in films.values() if not _has_audio(p)]
    assert silent, "a film without sound is needed here"
    with pytest.raises(UserError, match="no audio stream"):
        read_audio(silent[0])


def test_a_stream_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    write_wav(path, tone(2.0), RATE)
    with pytest.raises(LimitExceeded, match=r"long\.wav lasts 2 s"):
        read_audio(path, max_s=1.0)


def test_the_last_sound_is_found_before_a_silent_tail() -> None:
    padded = np.concatenate([tone(1.0), np.zeros((RATE, 2), np.float32)])
    assert abs(last_sound_s(padded, RATE) - 1.0) < 0.01
    assert last_sound_s(np.zeros((10, 1), np.float32), RATE) == 0.0


def test_clipping_is_refused_on_writing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="full scale"):
        write_wav(tmp_path / "loud.wav", tone() * 3, RATE)


def _has_audio(path: Path) -> bool:
    with av.open(str(path)) as container:
        return bool(container.streams.audio)
