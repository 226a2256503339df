"""Runs a command in a pseudo-terminal and changes its size while it runs.

pty-run.py SIZES TEXT COMMAND...: SIZES is JSON, [[columns, rows], ...]. Prints a line of JSON for each
thing that happens: {"size": ...}, {"data": ...} as the terminal gets it, {"resized": true} after the
last size, {"code": ...}. The second size comes when TEXT was written, and each further one when
something was written at the one before.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

SETTLE = 0.25

sizes = json.loads(sys.argv[1])


def tell(**what):
    print(json.dumps(what), flush=True)


def set_size(columns, rows):
    tell(size=[columns, rows])
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


# The size is there before the program starts.
master, slave = pty.openpty()
set_size(*sizes.pop(0))
child = os.fork()
if child == 0:
    os.close(master)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for stream in range(3):
        os.dup2(slave, stream)
    os.execvp(sys.argv[3], sys.argv[3:])
os.close(slave)
awaited = sys.argv[2].encode()
seen = b""
written = False
since = time.monotonic()
told = False
while True:
    ready, _, _ = select.select([master], [], [], 0.05)
    if ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        tell(data=data.decode("utf-8", "surrogateescape"))
        if awaited not in seen:
            seen += data
        if not written and awaited in seen:
            written = True
            since = time.monotonic()
    if not written or time.monotonic() - since < SETTLE:
        continue
    if sizes:
        set_size(*sizes.pop(0))
        written = False
    elif not told:
        told = True
        tell(resized=True)
_, status = os.waitpid(child, 0)
tell(code=os.waitstatus_to_exitcode(status))
