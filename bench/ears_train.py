"""Train the ears on what ``bench.ears_data`` wrote, and export them: beats and downbeats, chords and key, players.

``python -m bench.ears_train DATA OUT`` wants torch and onnx, which the program itself does not. Small networks, so that
a CPU trains them in minutes: a temporal convolutional network over mel bands (after Davies and Boeck, EUSIPCO 2019), a
convolutional one over half semitones whose examples are transposed at random, and one over mel patches.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

MELS, PITCHES, FAMILIES = 80, 144, 12
_HELD_OUT = 12  # every so manieth excerpt is only watched
_LONG, _SLOW = 1024, 224  # frames of a training window, fast and slow


class PulseNet(nn.Module):  # type: ignore[misc,unused-ignore]
    """Mel bands ``[b, t, 80]`` to chances of beat and downbeat ``[b, t, 2]``; it hears 16 s either way."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.front = nn.Sequential(nn.Conv1d(2 * MELS, 32, 3, padding=1), nn.ELU(), nn.Conv1d(32, width, 3, padding=1))
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.ELU(), nn.Conv1d(width, width, 5, padding=2 * 2**i, dilation=2**i), nn.ELU(), nn.Dropout1d(0.1),
                nn.Conv1d(width, width, 1),
            )
            for i in range(9)
        )  # fmt: skip
        self.out = nn.Conv1d(width, 2, 1)

    def logits(self, mel: torch.Tensor) -> torch.Tensor:
        """Logits ``[b, t, 2]``."""
        x = mel.transpose(1, 2)
        rise = F.relu(x - F.pad(x, (2, 0), mode="replicate")[:, :, :-2])
        x = self.front(torch.cat([x - x.mean(2, keepdim=True), 2 * rise], 1))
        for block in self.blocks:
            x = x + block(x)
        return self.out(F.elu(x)).transpose(1, 2)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Chances ``[b, t, 2]``."""
        return torch.sigmoid(self.logits(features))


class HarmonyNet(nn.Module):  # type: ignore[misc,unused-ignore]
    """Half semitones ``[b, t, 144]`` to log chances of 25 chords ``[b, t, 25]`` and 24 keys ``[b, 24]``."""

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        self.near = nn.Conv2d(1, 8, (3, 5), padding=(1, 2))
        self.front = nn.Conv1d(8 * PITCHES // 2, width, 1)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.BatchNorm1d(width), nn.ELU(), nn.Dropout(0.15), nn.Conv1d(width, width, 3, padding=d, dilation=d)
            )
            for d in (1, 2, 4, 8)
        )
        self.chords, self.key = nn.Conv1d(width, 25, 1), nn.Linear(2 * width, 24)

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Log chances of chords and of keys."""
        x = features - features.mean(2, keepdim=True)
        x = F.max_pool2d(F.elu(self.near(x[:, None])), (1, 2))
        x = self.front(x.permute(0, 1, 3, 2).flatten(1, 2))
        for block in self.blocks:
            x = x + block(x)
        x = F.elu(x)
        whole = torch.cat([x.mean(2), x.std(2)], 1)
        return F.log_softmax(self.chords(x).transpose(1, 2), -1), F.log_softmax(self.key(whole), -1)


class PlayersNet(nn.Module):  # type: ignore[misc,unused-ignore]
    """Mel bands ``[b, t, 80]`` to chances of twelve families of instruments ``[b, 12]``."""

    def __init__(self) -> None:
        super().__init__()

        def layer(a: int, b: int, pool: tuple[int, int]) -> nn.Sequential:
            return nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ELU(), nn.MaxPool2d(pool))

        self.body = nn.Sequential(
            layer(1, 12, (4, 2)), layer(12, 24, (3, 2)), layer(24, 40, (2, 2)), layer(40, 48, (2, 2))
        )
        self.out = nn.Linear(48 * 5, FAMILIES)
        self.drop = nn.Dropout(0.3)

    def logits(self, mel: torch.Tensor) -> torch.Tensor:
        """Logits ``[b, 12]``: the mean over moments of what is heard, and its greatest."""
        x = self.body(mel[:, None]).transpose(1, 2).flatten(2)
        each = self.out(self.drop(x))
        return each.mean(1) + each.amax(1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Chances ``[b, 12]``."""
        return torch.sigmoid(self.logits(features))


class Data:
    """All excerpts in memory, in two parts."""

    def __init__(self, folder: Path) -> None:
        self.items = []
        for path in sorted(folder.glob("*.npz")):
            with np.load(path) as file:
                self.items.append({name: file[name] for name in file.files})
        self.train = [e for i, e in enumerate(self.items) if i % _HELD_OUT]
        self.watched = [e for i, e in enumerate(self.items) if i % _HELD_OUT == 0]

    def windows(self, kind: str, length: int, batch: int, rng: np.random.Generator) -> Any:
        """Batches of random windows of an epoch, as (features, excerpts' targets)."""
        order = rng.permutation(len(self.train))
        for first in range(0, len(order) - batch // 2, batch):
            rows = [self.train[i] for i in order[first : first + batch]]
            yield [_window(row, kind, length, rng) for row in rows]


def _window(row: dict[str, Any], kind: str, length: int, rng: np.random.Generator) -> dict[str, Any]:
    count = len(row[kind])
    start = int(rng.integers(0, max(1, count - length + 1)))
    pads = {"fast": ((0, max(0, length - count)), (0, 0))}
    cut = {kind: np.pad(row[kind][start : start + length].astype(np.float32), pads["fast"])}
    if kind == "fast":
        cut["pulse"] = np.pad(row["pulse"][start : start + length], pads["fast"])
        cut["on"] = np.pad(np.ones(min(length, count - start), np.float32), (0, max(0, length - count)))
    else:
        cut["chords"] = np.pad(row["chords"][start : start + length], (0, max(0, length - count)), constant_values=-1)
    return row | cut


def _stack(rows: list[dict[str, Any]], name: str) -> torch.Tensor:
    return torch.from_numpy(np.stack([r[name] for r in rows]))


def train_pulse(data: Data, until: float, rng: np.random.Generator) -> nn.Module:
    """The beat network; binary cross entropy, beats weighing more than what lies between."""
    net = PulseNet()

    def loss(rows: list[dict[str, Any]]) -> torch.Tensor:
        x, y, on = _stack(rows, "fast"), _stack(rows, "pulse"), _stack(rows, "on")
        x = x * float(rng.uniform(0.8, 1.2))
        each = F.binary_cross_entropy_with_logits(
            net.logits(x), y, reduction="none", pos_weight=torch.tensor([4.0, 8.0])
        )
        return (each.mean(2) * on).sum() / on.sum()

    return _fit("pulse", net, lambda: data.windows("fast", _LONG, 6, rng), loss, until)


def train_harmony(data: Data, until: float, rng: np.random.Generator) -> nn.Module:
    """The chord and key network; every example is moved by up to six semitones, targets with it."""
    net = HarmonyNet()

    def loss(rows: list[dict[str, Any]]) -> torch.Tensor:
        moved = [_transposed(r, int(rng.integers(-6, 6))) for r in rows]
        chords, key = net(_stack(moved, "slow") * float(rng.uniform(0.8, 1.2)))
        want, whole = _stack(moved, "chords"), torch.tensor([int(r["key"]) for r in moved])
        total = F.nll_loss(chords.flatten(0, 1), want.flatten(), ignore_index=-1)
        return total + (0.4 * F.nll_loss(key, whole, ignore_index=-1) if (whole >= 0).any() else 0.0)

    return _fit("harmony", net, lambda: data.windows("slow", _SLOW, 8, rng), loss, until)


def _transposed(row: dict[str, Any], shift: int) -> dict[str, Any]:
    slow = np.roll(row["slow"], 2 * shift, axis=1)
    if shift > 0:
        slow[:, : 2 * shift] = 0
    elif shift < 0:
        slow[:, 2 * shift :] = 0
    chords, key = row["chords"], int(row["key"])
    moved = np.where((chords >= 0) & (chords < 24), (chords % 12 + shift) % 12 + chords // 12 * 12, chords)
    return row | {"slow": slow, "chords": moved, "key": (key % 12 + shift) % 12 + key // 12 * 12 if key >= 0 else -1}


def train_players(data: Data, until: float, rng: np.random.Generator) -> nn.Module:
    """The network of families."""
    net = PlayersNet()

    def loss(rows: list[dict[str, Any]]) -> torch.Tensor:
        x = _stack(rows, "fast") * float(rng.uniform(0.8, 1.2))
        return F.binary_cross_entropy_with_logits(net.logits(x[:, ::2]), _stack(rows, "players"))

    return _fit("players", net, lambda: data.windows("fast", 512, 8, rng), loss, until)


def _fit(name: str, net: nn.Module, batches: Any, loss: Any, until: float) -> nn.Module:
    """Adam for ``until`` seconds, its rate falling to nothing on the way."""
    started, epoch = time.time(), 0
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-3)
    while (share := (time.time() - started) / until) < 1:
        net.train()
        losses = []
        for rows in batches():
            share = min(1.0, (time.time() - started) / until)
            for group in optimiser.param_groups:
                group["lr"] = 3e-3 * min(1.0, 20 * share + 0.05) * (0.5 + 0.5 * np.cos(np.pi * share)) + 1e-5
            value = loss(rows)
            optimiser.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            losses.append(float(value.detach()))
            if share >= 1:
                break
        epoch += 1
        if epoch % 5 == 0 or share >= 1:
            print(name, epoch, round(float(np.mean(losses)), 4), f"{time.time() - started:.0f} s", flush=True)
    return net.eval()


def watched(data: Data, nets: dict[str, nn.Module]) -> dict[str, float]:
    """How right the networks are, frame by frame, on the excerpts that were not trained on."""
    hits: dict[str, list[float]] = {"chord frames": [], "keys": [], "players F": [], "beat separation": []}
    with torch.no_grad():
        for row in data.watched:
            fast, slow = (torch.from_numpy(row[k].astype(np.float32))[None] for k in ("fast", "slow"))
            chords, key = nets["chords-conv"](slow)
            known = row["chords"] >= 0
            if known.any():
                hits["chord frames"].append(float((chords[0].argmax(1).numpy()[known] == row["chords"][known]).mean()))
            if int(row["key"]) >= 0:
                hits["keys"].append(float(int(key[0].argmax()) == int(row["key"])))
            pulse = nets["beats-tcn"](fast)[0, :, 0].numpy()
            on = row["pulse"][:, 0] == 1
            if on.any():
                hits["beat separation"].append(float(pulse[on].mean() - pulse[row["pulse"][:, 0] == 0].mean()))
            found = nets["players-conv"](fast[:, ::2])[0].numpy() >= 0.5
            both = float((found & (row["players"] > 0)).sum())
            hits["players F"].append(2 * both / max(float(found.sum() + row["players"].sum()), 1))
    return {name: round(float(np.mean(values)), 3) for name, values in hits.items() if values}


def export(net: nn.Module, path: Path, width: int) -> None:
    """Write ONNX with a free number of frames."""
    outputs = ["chords", "key"] if isinstance(net, HarmonyNet) else ["chances"]
    axes = {"features": {1: "frames"}} | ({} if isinstance(net, PlayersNet) else {outputs[0]: {1: "frames"}})
    torch.onnx.export(
        net, (torch.zeros(1, 600, width),), str(path), input_names=["features"], output_names=outputs,
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip


def main(folder: Path, out: Path, seconds: float, seed: int) -> None:
    """Train all three and export them."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    data, rng = Data(folder), np.random.default_rng(seed)
    nets = {
        "beats-tcn": train_pulse(data, seconds, rng),
        "chords-conv": train_harmony(data, seconds, rng),
        "players-conv": train_players(data, seconds / 2, rng),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, net in nets.items():
        export(net, out / f"{name}.onnx", PITCHES if name == "chords-conv" else MELS)
    print(json.dumps({"excerpts": len(data.items)} | watched(data, nets)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, default=420.0)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    main(chosen.data, chosen.out, chosen.seconds, chosen.seed)
