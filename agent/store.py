"""The artifact store: a run's folder of readable files, each with a JSON sidecar.

A file comes in by one door: made in a step's work folder and fsynced, described by its sidecar, then
renamed into the run's folder. A sidecar whose file is not there is a step that was cut off between
the two, and is forgotten when the folder is opened again.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tools.contract import Artifact, Output, ToolResult
from tools.errors import ToolFailed, UserError
from tools.kit.media import sha256_of, sniff

SIDECARS = "sidecars"
WORK = ".work"


def _in_order(sidecar: Path) -> list[tuple[int, str]]:
    """A sidecar's place among those of its run: step 2 comes before step 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", sidecar.stem) if part]


class Store:
    """The artifacts of one run, by id, in the run's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._artifacts: dict[str, Artifact] = {}
        self._lock = threading.Lock()
        try:
            (self.folder / SIDECARS).mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise UserError(f"Cannot write in {folder} ({err.strerror}); choose another folder with --out.") from err
        for sidecar in sorted((self.folder / SIDECARS).glob("*.json"), key=_in_order):
            self._reopen(Artifact.model_validate_json(sidecar.read_text(encoding="utf-8")))

    def __getitem__(self, artifact_id: str) -> Artifact:
        try:
            return self._artifacts[artifact_id]
        except KeyError:
            have = ", ".join(f"{a.id} ({a.kind}, {a.file.name})" for a in self.all()) or "none"
            raise UserError(f"There is no artifact {artifact_id!r}; there are: {have}.") from None

    def __contains__(self, artifact_id: str) -> bool:
        return artifact_id in self._artifacts

    def all(self) -> list[Artifact]:
        """Every artifact, attachments first, then in the order made."""
        return list(self._artifacts.values())

    def attach(self, path: Path, *, licence: str = "unstated (attached)") -> Artifact:
        """Take a person's file in by reference: it is hashed where it lies and never copied."""
        path = path.expanduser().absolute()
        kind, media_type = sniff(path)
        artifact = Artifact(
            id=self._next_attachment(),
            kind=kind,
            path=str(path),
            sha256=sha256_of(path),
            media_type=media_type,
            licence=licence,
        )
        self._save(artifact)
        return artifact

    def adopt(self, artifact: Artifact) -> Artifact:
        """Attach an earlier run's artifact, by reference, with its facts, licence and provenance."""
        taken = Artifact(**artifact.model_dump(exclude={"id", "parents"}), id=self._next_attachment())
        self._save(taken)
        return taken

    def attachments(self) -> list[Artifact]:
        """What came in from outside this run, in order."""
        return [a for a in self.all() if is_attachment(a)]

    def made(self) -> list[Artifact]:
        """What this run's steps made, in order."""
        return [a for a in self.all() if not is_attachment(a)]

    def _next_attachment(self) -> str:
        return f"a{1 + len(self.attachments())}"

    def work_dir(self, step_id: str, *, make: bool = True) -> Path:
        """A clean folder for a step to make its files in; only named when the step makes none."""
        folder = self.folder / WORK / step_id
        if folder.exists():
            shutil.rmtree(folder)
        if make:
            folder.mkdir(parents=True)
        return folder

    def commit(self, step_id: str, result: ToolResult, made_by: Mapping[str, Any]) -> list[Artifact]:
        """Move a step's outputs into the run's folder; all of them or, on a full disk, none.

        ``made_by`` holds the sidecar's ``tool``, ``version``, ``args``, ``seed``.
        """
        moved: list[Artifact] = []
        try:
            with self._lock:
                for number, output in enumerate(result.outputs, start=1):
                    moved.append(self._take(f"{step_id}-{number}", output, result.backend, made_by))
        except OSError as err:
            for artifact in moved:
                self._forget(artifact)
            raise ToolFailed(explain_os_error(err, self.folder)) from err
        finally:
            self.work_dir(step_id, make=False)
        return moved

    def drop(self, artifacts: Iterable[Artifact]) -> None:
        """Delete artifacts that a better take has replaced, files and sidecars."""
        for artifact in artifacts:
            self._forget(artifact)

    def _take(self, artifact_id: str, output: Output, backend: str | None, made_by: Mapping[str, Any]) -> Artifact:
        if not output.path.is_file():
            raise ToolFailed(f"{made_by['tool']} named a file it did not make: {output.path.name}")
        _fsync(output.path)
        target = self._free_name(output.path.name, artifact_id)
        artifact = Artifact(
            id=artifact_id,
            kind=output.kind,
            path=str(target),
            sha256=sha256_of(output.path),
            media_type=output.media_type,
            facts=dict(output.facts),
            parents=list(output.parents),
            licence=output.licence,
            backend=backend,
            **made_by,
        )
        self._save(artifact)
        os.replace(output.path, target)
        return artifact

    def _free_name(self, name: str, artifact_id: str) -> Path:
        """A name no other artifact holds; the one this artifact held before, when a step reruns."""
        taken = {a.path for a in self._artifacts.values() if a.id != artifact_id}
        mine = {a.path for a in self._artifacts.values() if a.id == artifact_id}
        stem, suffix = Path(name).stem, Path(name).suffix
        for number in range(1, 10_000):
            target = self.folder / (name if number == 1 else f"{stem}-{number}{suffix}")
            if str(target) not in taken and (not target.exists() or str(target) in mine):
                return target
        raise ToolFailed(f"{self.folder} holds ten thousand files called {name}; clear it.")

    def _save(self, artifact: Artifact) -> None:
        write_atomically(self.folder / SIDECARS / f"{artifact.id}.json", artifact.model_dump_json(indent=2))
        self._remember(artifact)

    def _reopen(self, artifact: Artifact) -> None:
        if is_attachment(artifact) or artifact.file.exists():
            self._remember(artifact)
        else:
            self._forget(artifact)

    def _remember(self, artifact: Artifact) -> None:
        self._artifacts[artifact.id] = artifact

    def _forget(self, artifact: Artifact) -> None:
        self._artifacts.pop(artifact.id, None)
        (self.folder / SIDECARS / f"{artifact.id}.json").unlink(missing_ok=True)
        if not is_attachment(artifact):
            artifact.file.unlink(missing_ok=True)


def is_attachment(artifact: Artifact) -> bool:
    """Whether an artifact came in from outside: its id is ``a1``, ``a2`` ..., a step's is ``s3-1``."""
    return re.fullmatch(r"a\d+", artifact.id) is not None


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader, now or after a power cut, sees the old one or the new one, never half."""
    temporary = path.with_name(f".{path.name}.partial")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically, readable, keys in their own order."""
    write_atomically(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def explain_os_error(err: OSError, folder: Path) -> str:
    """One line for a disk's refusal, with the mend."""
    if err.errno == errno.ENOSPC:
        return f"The disk that holds {folder} is full; free some space and run again with --resume {folder}."
    if err.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return f"Cannot write in {folder} ({err.strerror}); choose another folder with --out."
    return f"Writing in {folder} failed ({err.strerror or err}); see to the disk and run again with --resume {folder}."


def _fsync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
