"""A disk on which every fsync takes longer, made of a few lines of C."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_SOURCE = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static void wait_a_little(void) {
    struct timespec pause = {0, DELAY_MS * 1000000L};
    nanosleep(&pause, 0);
}
int fsync(int file) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    wait_a_little();
    return real(file);
}
int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    wait_a_little();
    return real(file);
}
"""


def environment(folder: Path, milliseconds: int) -> dict[str, str] | None:
    """What to add to a program's environment; None where there is no C compiler.

    Args:
        folder: where the library is made.
        milliseconds: what every fsync and fdatasync takes longer.
    """
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    source, library = folder / "slow_fsync.c", folder / "slow_fsync.so"
    source.write_text(_SOURCE)
    options = ["-shared", "-fPIC", "-O1", f"-DDELAY_MS={milliseconds}"]
    subprocess.run([compiler, *options, "-o", str(library), str(source), "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}
