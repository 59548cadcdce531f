"""convert_audio: every format opens again, tags and levels survive, bytes are stable."""

from __future__ import annotations

import av
import numpy as np
import pytest
import soundfile

from tools.kit.audio import read_audio

LOSSY = ("mp3", "ogg", "opus", "m4a")


@pytest.mark.parametrize("name", ["wav", "flac"])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_lossless_formats_keep_every_sample(call_tool, recording, name, subtype):
    path = recording("take.aiff", subtype=subtype)
    call = call_tool("convert_audio", {"audio": "a1", "format": name}, attach=[path])
    before, after = soundfile.read(path, dtype="int32")[0], soundfile.read(call.file("audio"), dtype="int32")[0]
    assert np.array_equal(before, after)


@pytest.mark.parametrize("name", LOSSY)
@pytest.mark.parametrize("channels", [1, 2])
def test_lossy_formats_sound_the_same(call_tool, recording, name, channels):
    path = recording(channels=channels)
    call = call_tool("convert_audio", {"audio": "a1", "format": name}, attach=[path])
    assert call.file("audio").suffix == f".{name}"
    before, rate = read_audio(path, rate=44100)
    after, _ = read_audio(call.file("audio"), rate=44100)
    assert after.shape[1] == channels
    assert abs(len(after) - len(before)) < 0.06 * rate
    lag = int(np.argmax(np.correlate(after[20000:60000, 0], before[22000:58000, 0], "valid"))) - 2000
    assert abs(lag) < 0.06 * rate
    inner = after[22000 + lag : 58000 + lag, 0]
    error = inner - before[22000:58000, 0]
    assert 10 * np.log10(np.square(inner).mean() / np.square(error).mean()) > 12


@pytest.mark.parametrize("name", ["flac", *LOSSY])
def test_tags_are_carried_over(call_tool, tmp_path, name):
    path = tmp_path / "tagged.flac"
    with soundfile.SoundFile(path, "w", 44100, 1) as file:
        file.title, file.artist = "Nacht", "王"
        file.write(0.3 * np.sin(np.arange(44100) * 0.05))
    call = call_tool("convert_audio", {"audio": "a1", "format": name}, attach=[path])
    with av.open(str(call.file("audio"))) as container:
        found = {k.lower(): v for k, v in {**container.streams.audio[0].metadata, **container.metadata}.items()}
    assert (found["title"], found["artist"]) == ("Nacht", "王")
    assert call.data["tags"] == {"title": "Nacht", "artist": "王"}


@pytest.mark.parametrize("name", LOSSY)
def test_the_same_recording_gives_the_same_bytes(call_tool, recording, name):
    path = recording()
    first = call_tool("convert_audio", {"audio": "a1", "format": name}, attach=[path])
    second = call_tool("convert_audio", {"audio": "a1", "format": name})
    assert first.artifacts[0].sha256 == second.artifacts[0].sha256


def test_rate_channels_and_bitrate_are_obeyed(call_tool, recording):
    path = recording(rate=48000)
    call = call_tool("convert_audio", {"audio": "a1", "format": "wav", "rate": 16000, "channels": 1}, attach=[path])
    info = soundfile.info(call.file("audio"))
    assert (info.samplerate, info.channels, info.frames) == (16000, 1, 64000)
    sizes = [
        call_tool("convert_audio", {"audio": "a1", "format": "mp3", "bitrate_kbps": kbps}).data["size_bytes"]
        for kbps in (64, 256)
    ]
    assert sizes[1] > 3 * sizes[0]


def test_a_rate_the_format_lacks_is_replaced_and_said(call_tool, recording):
    call = call_tool("convert_audio", {"audio": "a1", "format": "opus", "rate": 44100}, attach=[recording()])
    assert call.data["rate"] == 48000
    assert "44100" in call.result.notes[0]
