"""What the webhook listener is compared with: a bare endpoint, and another library's."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

from bench.process import Program

HERE = Path(__file__).parent
PYWA_PACKAGES = ("pywa", "fastapi", "uvicorn", "httptools")


def bare() -> Program:
    """uvicorn on httptools: signature and JSON checked, nothing stored. The raw limit."""
    return _program(Path(sys.executable), "bare_endpoint.py")


def pywa(cache: Path) -> Program:
    """pywa's async WhatsApp client on FastAPI, its newest release, with a handler that does nothing.

    Args:
        cache: where its packages are installed, in an environment of their own, once.

    Raises:
        subprocess.CalledProcessError: they cannot be installed (no network?).
    """
    environment = cache / "pywa"
    python = environment / "bin" / "python"
    if not (environment / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *PYWA_PACKAGES]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
        (environment / "ready").touch()
    return _program(python, "pywa_endpoint.py")


def pywa_version(cache: Path) -> str:
    """Which release of pywa is installed in the cache."""
    folders = [str(found) for found in (cache / "pywa" / "lib").glob("python3*/site-packages")]
    found = next(iter(metadata.distributions(name="pywa", path=folders)))
    return str(found.version)


def _program(python: Path, file: str) -> Program:
    return Program([str(python), str(HERE / "endpoints" / file)], "listening on ")
