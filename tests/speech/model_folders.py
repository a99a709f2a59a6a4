"""Stand-ins for official models, made from the built-in ones: same format, nothing says they are ours."""

from __future__ import annotations

import hashlib
import io
import math
import shutil
import zipfile
from pathlib import Path

from voice.speech import builtin, fst
from voice.speech.catalogue import VOSK, Checksum, Entry


def with_graph_lookahead(target: Path, lang: str) -> Path:
    """As the small official models: takes grammars at run time."""
    shutil.copytree(builtin.base(lang), target)
    for name in (builtin.CHECKSUMS, builtin.LEXICON):
        (target / name).unlink()
    return target


def with_fixed_graph(target: Path, lang: str) -> Path:
    """As the large official models: one composed graph (any words, each as likely), no grammars."""
    graph = with_graph_lookahead(target, lang) / "graph"
    words = len((graph / "words.txt").read_text(encoding="utf-8").splitlines()) - 2
    composed = fst.decode((graph / "HCLr.fst").read_bytes())
    for arcs in composed.arcs:
        arcs[:] = [
            fst.Arc(arc.ilabel, arc.olabel, arc.weight + math.log(words), arc.target) if arc.olabel else arc
            for arc in arcs
        ]
    (graph / "HCLG.fst").write_bytes(fst.encode(composed))
    for name in ("HCLr.fst", "Gr.fst", "disambig_tid.int"):
        (graph / name).unlink()
    return target


def zipped(folder: Path) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder.parent).as_posix())
    return made.getvalue()


def entry(name: str, lang: str, url: str, content: bytes, *, pinned: bool = True) -> Entry:
    """A catalogue entry of an archive that a test serves."""
    checksum = Checksum("sha256", hashlib.sha256(content).hexdigest()) if pinned else None
    return Entry(name, "", VOSK, lang, url, len(content) if pinned else 0, checksum)
