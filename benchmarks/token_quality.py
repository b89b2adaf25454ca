"""How well the transformers guess tokens they were never trained on: masked accuracy and cross-entropy.

The demo loops are encoded by the bundle's codec; a share of the predicted tokens is masked at random and guessed in one
pass. Accuracy comes from the bundle as it ships. Cross-entropy needs all probabilities, which the graphs keep to
themselves, and is measured on the training checkpoints where they are given. Beside them stands the unigram entropy of
the same tokens: what is left to guess for somebody who knows only how often each token occurs.

    python benchmarks/token_quality.py --coarse runs/coarse/last.pt --fine runs/fine/last.pt
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from loops import RATE, Mono, read_loops
from machine import describe_machine
from numpy.typing import NDArray
from report import print_json, print_table
from vampbridge.engine.audio import resample_ring
from vampbridge.engine.bundle import load_bundle
from vampbridge.engine.loudness import normalise
from vampbridge.engine.runtime import Runtime, TokenRuntime
from vampbridge.engine.settings import VampSettings

Codes = NDArray[np.int64]

RATIOS = (0.2, 0.5, 0.8, 1.0)
GREEDY = VampSettings(temperature=0, typical=False)


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, help="bundle to measure; without it the embedded default")
    parser.add_argument("--coarse", type=Path, help="training checkpoint of the coarse model, for cross-entropy")
    parser.add_argument("--fine", type=Path, help="training checkpoint of the fine model, for cross-entropy")
    parser.add_argument("--loops", type=Path, help="folder of loops; without it the demo loops")
    args = parser.parse_args()
    runtime = Runtime(load_bundle(args.bundle))
    loops = [encode(runtime, audio) for audio in read_loops(args.loops).values()]
    results = {
        name: measure(graph, loops, checkpoint)
        for name, graph, checkpoint in (("coarse", runtime.coarse, args.coarse), ("fine", runtime.fine, args.fine))
    }
    for name, rows in results.items():
        print_table(f"{name} model, one pass on held-out loops", rows)
    print_json({"benchmark": "token_quality", "machine": describe_machine(), **results})


def encode(runtime: Runtime, audio: Mono) -> Codes:
    """Codes (K, T) of a loop, as the engine makes them: fitted to the ring, -24 LUFS."""
    hop = runtime.codec.hop
    fitted = resample_ring(audio[None], round(len(audio) / hop) * hop)
    return runtime.codec.encode(normalise(fitted, RATE)[0][0], ring=True)


def measure(graph: TokenRuntime, loops: list[Codes], checkpoint: Path | None) -> list[dict[str, Any]]:
    """Accuracy (and cross-entropy in nats) over all loops, a row per mask ratio."""
    shape = graph.shape
    entropy = unigram_entropy(np.concatenate(loops, axis=1)[shape.n_conditioning : shape.n_codebooks])
    table = []
    for ratio in RATIOS:
        rng = np.random.default_rng(round(ratio * 100))
        hits, asked, loss = 0, 0, 0.0
        for loop in loops:
            codes = loop[: shape.n_codebooks]
            mask = np.zeros(codes.shape, dtype=bool)
            mask[shape.n_conditioning :] = rng.random(mask[shape.n_conditioning :].shape) < ratio
            rows = np.flatnonzero(mask[shape.n_conditioning :].T.reshape(-1))
            masked = np.where(mask, shape.vocabulary, codes)
            target = codes[shape.n_conditioning :].T.reshape(-1)[rows]
            tokens, _ = graph.sample(masked, rows, np.zeros(len(rows), np.float32), settings=GREEDY, ring=True)
            hits, asked = hits + int((tokens == target).sum()), asked + len(rows)
            loss += 0.0 if checkpoint is None else summed_cross_entropy(checkpoint, masked, rows, target)
        table.append(
            {
                "mask ratio": ratio,
                "accuracy": hits / asked,
                "cross-entropy (nats)": None if checkpoint is None else loss / asked,
                "unigram entropy (nats)": entropy,
            }
        )
    return table


def unigram_entropy(codes: Codes) -> float:
    """Mean over codebooks of the entropy of the token histogram, nats; codes (P, frames)."""
    entropies = []
    for row in codes:
        share = np.unique(row, return_counts=True)[1] / row.size
        entropies.append(float(-(share * np.log(share)).sum()))
    return float(np.mean(entropies))


def summed_cross_entropy(checkpoint: Path, masked: Codes, rows: Codes, target: Codes) -> float:
    """Sum of -log p(target) over the rows, nats."""
    import torch
    from vampbridge.engine.position_bias import position_bias
    from vampbridge.engine.training.checkpoints import read_transformer

    model = read_transformer(checkpoint)
    bias = position_bias(model.relative_attention_bias.detach().numpy(), masked.shape[1], ring=True)
    with torch.inference_mode():
        logits = model(torch.from_numpy(masked)[None], torch.from_numpy(bias))[0]
        return float(torch.nn.functional.cross_entropy(logits[rows], torch.from_numpy(target), reduction="sum"))


if __name__ == "__main__":
    main()
