"""Recordings as vectors: the embedded ones always, published ones from tiny checkpoints where transformers is there."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import soundfile

from tools.backends import audio_embedding
from tools.backends.audio_embedding import embed, lacking, read_vectors
from tools.errors import ToolFailed, UserError
from tools.kit.metrics import sets

with_models = pytest.mark.skipif(
    importlib.util.find_spec("transformers") is None or importlib.util.find_spec("torch") is None,
    reason="needs the extra models",
)


@pytest.fixture
def chord(tmp_path):
    t = np.arange(44100 * 3) / 44100
    sound = sum(np.sin(2 * np.pi * f * t) for f in (220, 277.2, 329.6)) * 0.1 * (1 - t % 0.5)
    soundfile.write(tmp_path / "chord.wav", np.c_[sound, sound], 44100)
    return tmp_path / "chord.wav"


def test_every_model_offered_has_a_known_dimension():
    assert set(audio_embedding._MODELS) <= set(sets.SHAPES)


@pytest.mark.parametrize(("model", "windows"), [("light-1", 3), ("musicnn-msd", 1)])
def test_embedded_models_need_nothing_and_name_themselves(chord, model, windows):
    found = embed(chord, model)
    assert lacking(model) is None
    assert (found.name, found.matrix.shape) == (model, (windows, sets.SHAPES[model]))
    np.testing.assert_array_equal(found.matrix, embed(chord, model).matrix)


def test_the_light_embedding_tells_noise_dark_and_loud_from_the_music_itself(chord):
    samples, rate = soundfile.read(chord, dtype="float32")
    base = sets.light_embedding(samples, rate).matrix
    again = sets.light_embedding(samples + np.float32(1e-6), rate).matrix
    worn = sets.light_embedding(
        samples + np.random.default_rng(0).normal(0, 0.03, samples.shape).astype("f4"), rate
    ).matrix
    soft = sets.light_embedding(samples * np.float32(0.1), rate).matrix
    nearness = [np.abs(other - base).mean() for other in (again, soft, worn)]
    assert nearness[0] < 0.02 < min(nearness[1:])


@pytest.mark.parametrize("samples", [np.zeros((0, 2)), np.zeros(9), np.full((9, 1), np.nan)])
def test_samples_that_cannot_be_embedded_are_refused(samples):
    with pytest.raises(UserError, match="embed"):
        sets.light_embedding(samples, 44100)


def test_silence_and_a_single_sample_have_a_finite_light_embedding():
    for samples in (np.zeros((44100, 1), np.float32), np.ones((1, 1), np.float32)):
        assert sets.light_embedding(samples, 44100).matrix.shape == (1, 60)


def test_what_is_missing_is_said_with_the_mend(chord, tmp_path):
    with pytest.raises(UserError, match="no embedding 'vggish' to be made here"):
        embed(chord, "vggish")
    with pytest.raises(UserError, match=r"needs a folder with its weights.*light-1"):
        embed(chord, "clap-laion-music")
    (tmp_path / "config.json").write_text("{}")
    if importlib.util.find_spec("transformers") is None:
        assert "scorewright[models]" in lacking("encodec-emb", tmp_path)


def test_vectors_of_other_programs_are_read_under_their_name(tmp_path):
    np.save(tmp_path / "a.npy", np.ones((3, 128), np.float32))
    assert read_vectors(tmp_path / "a.npy", "vggish").matrix.shape == (3, 128)
    np.save(tmp_path / "b.npy", np.ones((3, 64)))
    with pytest.raises(UserError, match="vggish has 128"):
        read_vectors(tmp_path / "b.npy", "vggish")
    (tmp_path / "c.npy").write_bytes(b"nothing")
    np.save(tmp_path / "d.npy", np.array(["a"]))
    for name in ("c", "d", "none"):
        with pytest.raises(UserError, match=f"{name}.npy"):
            read_vectors(tmp_path / f"{name}.npy", "vggish")


@pytest.mark.parametrize("name", [n for n in sets.SHAPES if n not in audio_embedding._MODELS])
def test_every_declared_embedding_without_a_loader_is_read_from_vectors_beside_the_recording(chord, name):
    hearing = audio_embedding.listener(name)
    with pytest.raises(UserError, match=name):
        hearing.hear(chord)
    beside = audio_embedding.vectors_beside(chord, name)
    beside.parent.mkdir(parents=True)
    vectors = np.random.default_rng(0).normal(size=(4, sets.SHAPES[name]))
    np.save(beside, vectors)
    (read,) = hearing.hear(chord).values()
    np.testing.assert_array_equal(read, vectors)
    np.save(beside, vectors[:, :-1])
    with pytest.raises(UserError, match=f"{sets.SHAPES[name]} dimensions"):
        hearing.hear(chord)


@pytest.mark.parametrize("name", [n for n in audio_embedding._MODELS if n not in ("light-1", "musicnn-msd")])
def test_every_embedding_with_a_loader_asks_for_its_folder(name):
    with pytest.raises(UserError, match="needs a folder with its weights"):
        audio_embedding.listener(name)


@pytest.fixture(scope="module")
def tiny_encodec(tmp_path_factory):
    from transformers import EncodecConfig, EncodecModel

    folder = tmp_path_factory.mktemp("encodec")
    sizes = {"num_filters": 4, "hidden_size": 128, "codebook_size": 16, "codebook_dim": 128, "num_lstm_layers": 1}
    EncodecModel(EncodecConfig(target_bandwidths=[1.5], **sizes)).save_pretrained(folder)
    return folder


@with_models
def test_encodec_gives_latents_and_tokens_from_a_local_checkpoint(chord, tiny_encodec):
    from tools.backends import encodec

    found = embed(chord, "encodec-emb", tiny_encodec)
    assert found.matrix.shape == (225, 128)  # 75 frames a second
    samples, _ = audio_embedding.read_audio(chord, encodec.RATE)
    tokens = encodec.load(tiny_encodec).tokens(samples)
    assert tokens.shape == (225,)
    assert 0 <= tokens.min() <= tokens.max() < 16
    assert sets.memorisation([tokens], [tokens]).exact == 1


@pytest.fixture(scope="module")
def tiny_clap(tmp_path_factory):
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import ClapConfig, ClapFeatureExtractor, ClapModel, ClapProcessor, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("clap")
    words = {word: i for i, word in enumerate(("<s>", "<pad>", "</s>", "<unk>", "calm", "piano", "loud", "drums"))}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", bos_token="<s>",
                                   eos_token="</s>", model_max_length=32)  # fmt: skip
    text = {
        **{"vocab_size": 8, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2},
        **{"intermediate_size": 16, "max_position_embeddings": 64},
        **{"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2},
    }
    audio = {"patch_embeds_hidden_size": 16, "hidden_size": 128, "depths": [1, 1, 1, 1], "num_attention_heads": [2] * 4,
             "projection_dim": 512}  # fmt: skip
    ClapModel(ClapConfig(text_config=text, audio_config=audio, projection_dim=512)).save_pretrained(folder)
    ClapProcessor(feature_extractor=ClapFeatureExtractor(truncation="rand_trunc"), tokenizer=fast).save_pretrained(
        folder
    )
    return folder


@with_models
def test_clap_gives_vectors_and_a_score_from_a_local_checkpoint(chord, tiny_clap):
    from tools.backends import clap
    from tools.kit.metrics.agreement import mean_cosine

    found = embed(chord, "clap-laion-music", tiny_clap)
    assert found.matrix.shape == (1, 512)
    np.testing.assert_allclose(np.linalg.norm(found.matrix, axis=1), 1, rtol=1e-5)
    model = clap.load(tiny_clap)
    samples, _ = audio_embedding.read_audio(chord, clap.RATE)
    texts = model.texts(["calm piano"])
    assert model.score(samples, "calm piano") == pytest.approx(mean_cosine(texts, found.matrix), abs=1e-5)
    assert model.music(np.tile(samples, (4, 1))).shape == (3, 512)  # 12 s: windows at 0, 1 and 2 s


@with_models
@pytest.mark.parametrize("model", ["encodec-emb", "clap-laion-audio"])
def test_a_folder_without_a_checkpoint_fails_in_one_line(chord, tmp_path, model):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ToolFailed, match="holds no"):
        embed(chord, model, tmp_path)
