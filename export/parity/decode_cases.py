"""Single windows of the family `decode`: greedy cases with their trace, and draws with torch's own random numbers."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

import numpy as np
import torch

from ...engine.compat.decoding import Passes, Source, Trace, generate
from ...engine.decoding import Shape
from ...engine.sampling import top_p_filter
from .book import Array, Page, Target
from .decode_set import DecodeSet, greedy_source
from .families_tokens import LOGITS_TOLERANCE
from .guard import guarded
from .models import COARSE, Models
from .sides import Codes, Floats, TokenSide

_CASE = re.compile(r"(?P<case>case\d+_(?P<model>\w+?)_b\d+_t\d+_\w+?)_start")
_KINDS = ("result", "num_to_mask", "still_masked", "step_masks", "margin")
_SEEDED = re.compile(r"seeded_(\w+)_result")
_SEEDED_NOTE = re.compile(r"seed=(\d+), (\d+) steps, otherwise default except (\{[^}]*\})")


def check_cases(page: Page, decode: DecodeSet, models: Models) -> None:
    """Every `case…_start`: the result, and how many and which tokens were still masked after each pass."""
    arrays = decode.arrays
    for name in arrays:
        if match := _CASE.fullmatch(name):
            case, model = match["case"], decode.entry(match["case"]).get("model", match["model"])
            page.take(*(key for key in (f"{case}_start", f"{case}_mask") if key in arrays))
            wanted = [key for kind in _KINDS if (key := f"{case}_{kind}") in arrays]
            with guarded(page, [Target("greedy", "torch", key) for key in wanted]):
                for side in models.token_sides(model):
                    with guarded(page, [Target("greedy", side.side, key) for key in wanted]):
                        _check_case(page, decode, case, side)


def _check_case(page: Page, decode: DecodeSet, case: str, side: TokenSide) -> None:
    arrays = decode.arrays
    start = arrays[f"{case}_start"].astype(np.int64)
    mask = arrays[f"{case}_mask"].astype(bool) if f"{case}_mask" in arrays else None
    n_passes = decode.entry(case).get("steps") or len(arrays[f"{case}_num_to_mask"])
    trace, watched = Trace(), _Watched(greedy_source(side), side)
    result = generate(watched, start, mask, Passes(n_passes, mask_temperature=0.0, trace=trace))
    masks = np.stack(trace.masks)  # (S, B, L)
    found = {
        "result": ("tokens", result),
        "num_to_mask": ("asked to stay masked", np.stack(trace.asked)),
        "still_masked": ("still masked", masks.sum(axis=-1)),
        "step_masks": ("masks after each pass", np.packbits(masks, axis=-1)),
    }
    for kind, (what, got) in found.items():
        if (name := f"{case}_{kind}") in arrays:
            page.same(Target(what, side.side, name), arrays[name], got)
    if (name := f"{case}_margin") in arrays:
        target = Target("margins of every choice", side.side, name)
        page.close(target, arrays[name], _margins(trace, watched.gaps), tolerance=LOGITS_TOLERANCE)


@dataclass
class _Watched:
    """A greedy `Source` that notes how far the likeliest logit of every place is above the second, (B, L) per pass."""

    source: Source
    side: TokenSide
    gaps: list[Floats] = field(default_factory=list)

    @property
    def shape(self) -> Shape:
        """Sizes of the token model."""
        return self.source.shape

    def draw(self, codes: Codes, open_now: Array) -> tuple[Codes, Floats]:
        """See `Source`."""
        two = np.sort(self.side.look(codes)[1], axis=-1)[..., -2:]
        self.gaps.append(np.where(open_now, two[..., 1] - two[..., 0], np.float32(np.inf)))
        return self.source.draw(codes, open_now)

    def stir(self, shape: tuple[int, ...]) -> Floats:
        """See `Source`."""
        return self.source.stir(shape)


def _margins(trace: Trace, gaps: list[Floats]) -> Floats:
    """Per pass (S, 2): the confidence gap at the cut, and the least gap of a token that was fixed; over the batch."""
    rows = []
    for asked, still, confidence, gap in zip(trace.asked, trace.masks, trace.confidences, gaps, strict=True):
        ordered = np.pad(np.sort(confidence, axis=-1), ((0, 0), (1, 0)), constant_values=-np.inf)
        below, above = (np.take_along_axis(ordered, asked[:, None] + place, axis=-1) for place in (0, 1))
        at_cut = np.subtract(above, below, where=np.isfinite(below), out=np.full_like(above, np.inf))
        rows.append((at_cut.min(), np.where(still, np.inf, gap).min()))
    return np.array(rows, dtype=np.float32)


def check_seeded(page: Page, decode: DecodeSet, models: Models) -> None:
    """Every `seeded_…_result`, with the random numbers of torch's generator in the published order."""
    arrays = decode.arrays
    names = [name for name in arrays if _SEEDED.fullmatch(name)]
    page.take(*(name for name in ("seeded_start", "seeded_mask") if name in arrays))
    for name in names:
        note = _SEEDED_NOTE.search(decode.note(name))
        if note is None:
            page.skip(name, "stochastic, and the set's README does not say with which seed, passes and settings")
            continue
        draws = _Draws.from_note(note)
        with guarded(page, [Target("seeded", "torch", name)]):
            for side in models.token_sides(COARSE):
                with guarded(page, [Target("seeded", side.side, name)]):
                    source = _TorchDraws(side, draws, torch.Generator().manual_seed(draws.seed))
                    passes = Passes(draws.n_passes, mask_temperature=draws.mask_temperature)
                    start, mask = arrays["seeded_start"].astype(np.int64), arrays["seeded_mask"].astype(bool)
                    got = generate(source, start, mask, passes)
                    page.same(Target("seeded draws: tokens", side.side, name), arrays[name], got)


@dataclass(frozen=True)
class _Draws:
    """The published sampler's settings; the defaults are its own."""

    seed: int
    n_passes: int
    temperature: float = 1.0
    mask_temperature: float = 10.5
    top_p: float | None = None
    sample_cutoff: float = 1.0

    @classmethod
    def from_note(cls, note: re.Match[str]) -> _Draws:
        """From the README's words; a setting that is not known is an error."""
        # Accepted and without effect in the published code.
        changed = {key: value for key, value in ast.literal_eval(note[3]).items() if key != "typical_filtering"}
        return cls(seed=int(note[1]), n_passes=int(note[2]), **changed)


@dataclass
class _TorchDraws:
    """A `Source` whose random numbers come from torch's generator, in the order in which the published code asks.

    Per pass: one multinomial draw over all places, then one uniform number per place for the confidence.
    """

    side: TokenSide
    draws: _Draws
    generator: torch.Generator
    step: int = 0

    @property
    def shape(self) -> Shape:
        """Sizes of the token model."""
        return self.side.shape

    def draw(self, codes: Codes, open_now: Array) -> tuple[Codes, Floats]:  # noqa: ARG002  all places are drawn
        """See `Source`."""
        draws = self.draws
        logits = self.side.look(codes)[1]  # (B, L, V)
        if draws.top_p is not None:
            logits = np.where(top_p_filter(logits, top_p=draws.top_p), logits, np.float32(-np.inf))
        probabilities = torch.softmax(torch.from_numpy(logits) / draws.temperature, dim=-1)
        if self.step / draws.n_passes <= draws.sample_cutoff:
            flat = probabilities.reshape(-1, probabilities.shape[-1])
            tokens = flat.multinomial(1, generator=self.generator).reshape(logits.shape[:-1])
        else:
            tokens = torch.from_numpy(logits.argmax(axis=-1))
        self.step += 1
        chosen = probabilities.take_along_dim(tokens[..., None], dim=-1)[..., 0]
        return tokens.numpy(), chosen.log().numpy()

    def stir(self, shape: tuple[int, ...]) -> Floats:
        """See `Source`."""
        uniforms = torch.empty(shape).uniform_(1e-20, 1, generator=self.generator)
        noise: Floats = (-(-uniforms.log()).log()).numpy()
        return noise
