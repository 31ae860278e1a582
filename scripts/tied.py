"""Runs a program whose life is tied to its parent's: `python tied.py SIGNAL PROGRAM ARGUMENT...`.

Linux sends the signal to the program as soon as its parent is gone, however it went, so that nothing is
left behind. Elsewhere the program just runs. The process id stays the same.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie(to_send: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, to_send) != 0:
        raise OSError(ctypes.get_errno(), "prctl refused to tie the process to its parent")


def main(name: str, *command: str) -> None:
    if sys.platform == "linux":
        tie(signal.Signals[f"SIG{name}"])
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
