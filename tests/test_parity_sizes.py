"""Parity reads every size from its set: a set of other sizes, written by our own networks, is replayed like any."""

import json

import numpy as np
import pytest
import torch
from published_layout import codec_kwargs, codec_state, save, vampnet_kwargs, vampnet_state
from vampbridge.bridge.cli import main
from vampbridge.engine.checkpoints.published import read_vampnet, read_waveform_codec
from vampbridge.engine.compat.audio import prepare
from vampbridge.engine.compat.decoding import Passes, Trace, generate
from vampbridge.engine.compat.windows import VampPlan, coarse_to_fine, coarse_vamp, vamp
from vampbridge.engine.loudness import integrated_lufs
from vampbridge.engine.nets.transformer import TokenTransformer, TransformerConfig
from vampbridge.engine.nets.waveform_codec import WaveformCodec, WaveformCodecConfig
from vampbridge.export.parity.book import Page
from vampbridge.export.parity.decode_set import greedy_source, greedy_stage
from vampbridge.export.parity.families_tokens import check_transformer, files_said
from vampbridge.export.parity.family_decode import check_decode
from vampbridge.export.parity.family_masks import check_masks
from vampbridge.export.parity.family_preprocess import check_preprocess
from vampbridge.export.parity.fixture_set import read_fixture_set
from vampbridge.export.parity.torch_side import TorchCodec, TorchTokens

RATE, VOCABULARY = 16000, 40
CODEC = WaveformCodecConfig(
    sample_rate=RATE,
    encoder_dim=4,
    encoder_rates=(2, 5),
    decoder_dim=8,
    decoder_rates=(5, 2),
    n_codebooks=5,
    codebook_size=VOCABULARY,
    codebook_dim=3,
)
SIZES = {"vocabulary": VOCABULARY, "latent_dim": 3, "width": 12, "n_heads": 3, "n_layers": 1}


class Networks:
    """Random networks of odd sizes, written as checkpoints and read back, on the torch side."""

    def __init__(self, folder):
        torch.manual_seed(0)
        (folder / "checkpoints").mkdir(parents=True)
        codec = WaveformCodec(CODEC).eval()
        save(folder / "checkpoints" / "codec.pth", codec_state(codec), codec_kwargs(codec))
        codebooks = codec.quantizer.codebooks.detach()
        self._codec = read_waveform_codec(folder / "checkpoints" / "codec.pth")
        self._tokens = {}
        for name, (n_codebooks, n_conditioning) in {"coarse": (2, 0), "c2f": (5, 2)}.items():
            config = TransformerConfig(n_codebooks=n_codebooks, n_conditioning=n_conditioning, **SIZES)
            model = TokenTransformer(config).eval()
            with torch.no_grad():
                model.classifier.weight.mul_(8)  # far from ties
                tables = model.embedding.reshape(n_codebooks, VOCABULARY + 1, 3)
                tables[:, :-1] = codebooks[:n_codebooks]
            path = save(folder / "checkpoints" / f"{name}.pth", vampnet_state(model), vampnet_kwargs(model))
            self._tokens[name] = read_vampnet(path, codebooks)

    def codec(self, _name):
        return self._codec

    def codec_sides(self, _name):
        return (TorchCodec(self._codec),)

    def tokens(self, name):
        return self._tokens[name]

    def token_sides(self, name):
        return (TorchTokens(self._tokens[name]),)


@pytest.fixture
def networks(tmp_path):
    return Networks(tmp_path)


def tokens(rng, *shape):
    return rng.integers(0, VOCABULARY, shape)


def logits_of(networks, rng):
    """Arrays of the family `transformer` for two batches and lengths."""
    arrays, (side,) = {}, networks.token_sides("coarse")
    for n_items, n_frames in ((1, 1), (3, 11)):
        case, codes = f"coarse_b{n_items}_t{n_frames}", tokens(rng, n_items, 2, n_frames)
        codes[:, :, ::3] = VOCABULARY
        latents, logits = side.look(codes)
        arrays |= {f"{case}_codes": codes, f"{case}_latents_every4": latents[:, :, ::4]}
        arrays |= {f"{case}_pos": np.array([1, 0]), f"{case}_logits_pos": logits.transpose(0, 2, 1)[:, :, [1, 0]]}
        arrays |= {f"{case}_argmax": logits.argmax(-1), f"{case}_max": logits.max(-1)}
        arrays[f"{case}_logsumexp"] = np.log(np.exp(logits).sum(-1))
    return arrays


def audio_of(networks, rng):
    """Arrays of the family `codec_lac`."""
    (side,) = networks.codec_sides("codec")
    audio = (rng.standard_normal((1, 1, 303)) * 0.2).astype(np.float32)
    padded = np.pad(audio, ((0, 0), (0, 0), (0, -303 % CODEC.hop)))
    codes = side.encode(padded)
    levels = np.stack([side.decode_levels(codes, n + 1)[0, 0] for n in range(5)])
    masked = codes[:, :, :6].copy()
    masked[:, :, 2] = VOCABULARY
    encoded, latents, quantised = side.look(padded)
    # The last one is longer than the audio: the sound of a length is no matter.
    lengths = [(n, side.encode(np.zeros((1, 1, n), np.float32)).shape[-1]) for n in (30, 60, 500)]
    return {
        "audio": audio,
        "padded_length": np.array(padded.shape[-1]),
        "encoder_out": encoded,
        "codes": codes,
        "code_margin": side.margins(padded),
        "latents": latents,
        "zq": quantised,
        "recon": side.decode(codes)[..., :303],
        "nq_rms": np.sqrt((levels[:, :303] ** 2).mean(-1)),
        "nq_first17": levels[:, :17],
        "masked_codes": masked,
        "masked_decode": side.decode(np.where(masked == VOCABULARY, 0, masked)),
        "coarse_only_decode": side.decode_levels(codes[:, :, :6], 2),
        "lengths": np.array([(n, t, side.decode(np.zeros((1, 5, t), np.int64)).shape[-1]) for n, t in lengths]),
    }


def test_a_codec_of_other_sizes_passes_through_torch_and_onnx_runtime(networks, tmp_path, capsys):
    np.savez(tmp_path / "codec_lac.npz", **audio_of(networks, np.random.default_rng(1)))
    status = main(["parity", str(tmp_path)])
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (status, found["failed"], found["skipped"]) == (0, 0, 0), found
    # Fourteen arrays less audio and masked codes on both sides; margins on one.
    assert found["families"]["codec_lac"]["passed"] == 2 * 12 - 1


def test_a_transformer_of_other_sizes_passes(networks):
    arrays = logits_of(networks, np.random.default_rng(1))
    page = Page("transformer", tuple(arrays))
    check_transformer(page, arrays, networks)
    page.close_account()
    assert not [check for check in page.checks if check.failure]
    assert not page.skipped
    assert len(page.checks) == 2 * (5 + 2)


def decodings(networks, rng):
    """Arrays of the family `decode` and what decode.json says of them."""
    (coarse,), (fine,) = networks.token_sides("coarse"), networks.token_sides("c2f")
    arrays, cases = {"iface_chunk_lengths": np.array([9, 4])}, []
    start, mask, trace = tokens(rng, 2, 2, 13), rng.random((2, 2, 13)) < 0.7, Trace()
    passes = Passes(5, mask_temperature=0.0, trace=trace)
    case = "case00_coarse_b2_t13_random_s5"
    arrays |= {f"{case}_start": start, f"{case}_mask": mask}
    arrays[f"{case}_result"] = generate(greedy_source(coarse), start, mask, passes)
    arrays[f"{case}_num_to_mask"] = np.stack(trace.asked)
    arrays[f"{case}_still_masked"] = np.stack(trace.masks).sum(-1)
    arrays[f"{case}_step_masks"] = np.packbits(np.stack(trace.masks), axis=-1)
    codes, mask = tokens(rng, 1, 5, 22), rng.random((1, 5, 22)) < 0.8
    stages = (
        greedy_stage(coarse, window_frames=9, n_passes=3),
        greedy_stage(fine, window_frames=4, n_passes=2),
    )
    arrays |= {"iface_odd_codes": codes, "iface_odd_mask": mask}
    arrays["iface_odd_coarse"], arrays["iface_odd_coarse_masked"] = coarse_vamp(stages[0], codes, mask)
    found = coarse_to_fine(stages[1], arrays["iface_odd_coarse"], mask)
    arrays["iface_odd_fine"], arrays["iface_odd_fine_masked"] = found
    cases.append({"name": "iface_odd", "coarse_steps": 3, "fine_steps": 2, "coarse_chunk": 9, "fine_chunk": 4})
    plan = VampPlan(batch_size=3, feedback_steps=2, stretch=3)
    arrays |= {"vamp_all_codes": codes, "vamp_all_mask": mask}
    arrays["vamp_all_result"], arrays["vamp_all_mask_returned"] = vamp(stages, codes, mask, plan)
    said = {"batch_size": 3, "feedback_steps": 2, "time_stretch_factor": 3, "coarse_steps": 3, "fine_steps": 2}
    cases.append({"name": "vamp_all", **said})
    return arrays, cases


def test_decoding_of_other_sizes_passes(networks, tmp_path):
    arrays, cases = decodings(networks, np.random.default_rng(2))
    np.savez(tmp_path / "decode.npz", **arrays)
    (tmp_path / "decode.json").write_text(json.dumps(cases), encoding="utf-8")
    page = Page("decode", tuple(arrays))
    check_decode(page, read_fixture_set(tmp_path), networks)
    page.close_account()
    assert not [check for check in page.checks if check.failure]
    assert not page.skipped
    assert {check.target.array for check in page.checks} | page.inputs == set(arrays)


def test_preprocessing_for_another_codec_passes(networks, tmp_path):
    audio = (np.random.default_rng(3).standard_normal((1, 2, 9000)) * 0.1).astype(np.float32)
    ready = prepare(audio[0], 22050, rate_out=RATE, hop_samples=CODEC.hop)
    n_samples = 9000 * RATE // 22050
    arrays = {
        "x_audio": audio,
        "x_sample_rate": np.array(22050),
        "x_mono16k_length": np.array(n_samples),
        "x_out": ready[None],
        "x_lufs_out": np.array([integrated_lufs(ready[:, :n_samples], RATE)]),
    }
    np.savez(tmp_path / "preprocess.npz", **arrays)
    page = Page("preprocess", tuple(arrays))
    check_preprocess(page, read_fixture_set(tmp_path), networks)
    page.close_account()
    assert not [check for check in page.checks if check.failure]
    assert not page.skipped
    assert len(page.checks) == 3


def test_adapters_may_lie_in_files_of_other_names(tmp_path):
    np.savez(tmp_path / "lora.npz", b1_t7_codes=np.zeros(1))
    usual = ("coarse", "coarse_adapter_only")
    assert files_said(read_fixture_set(tmp_path), "adapter_on_coarse", usual) == usual
    row = "| b3_t9_adapter_on_coarse_argmax | 3x9 | int16 | token id | a.pth with the adapters of b_2.pth over it |"
    (tmp_path / "README.md").write_text(f"## lora.npz\n\n{row}\n", encoding="utf-8")
    assert files_said(read_fixture_set(tmp_path), "adapter_on_coarse", usual) == ("a", "b_2")


@pytest.mark.parametrize("n_rows", [1, 3])
def test_beat_masks_of_other_sizes_pass_with_one_row_and_with_all(tmp_path, n_rows):
    wanted = np.ones((1, n_rows, 20), np.uint8)  # 2 s at 100 Hz in frames of 10 samples
    wanted[:, :, [5, 6, 10, 11]] = 0
    np.savez(tmp_path / "masks.npz", case0=wanted, beat_times=[0.5, 1.0], downbeat_times=[0.5])
    args = {"before_beat_s": 0.0, "after_beat_s": 0.2, "mask_upbeats": True, "mask_downbeats": True, "invert": True}
    args |= {"dropout": 0.0, "beat_downsample_factor": None, "downbeat_downsample_factor": 1}
    inputs = {"beats": "beat_times", "downbeats": "downbeat_times", "duration_s": 2.0}
    inputs |= {"sample_rate": 100, "hop_length": 10}
    case = {"name": "case0", "function": "make_beat_mask", "args": args, "inputs": inputs}
    (tmp_path / "masks.json").write_text(json.dumps({"cases": [case]}), encoding="utf-8")
    page = Page("masks", ("case0", "beat_times", "downbeat_times"))
    check_masks(page, read_fixture_set(tmp_path), None)
    assert [(check.target.array, check.failure) for check in page.checks] == [("case0", "")]
