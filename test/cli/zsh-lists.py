"""What zsh lists for lines that are typed into it: zsh-lists.py SCRIPT LINE...

Prints a line of JSON for each LINE: what the terminal shows after Ctrl-D, which lists completions.
"""

import json
import os
import pty
import re
import select
import sys
import time

script, *lines = sys.argv[1:]
child, master = pty.fork()
if child == 0:
    os.environ.update(TERM="dumb", LISTMAX="1000")
    os.execvp("zsh", ["zsh", "-f", "-i"])


def send(text):
    os.write(master, text.encode())


def read_until(is_whole, seconds=20):
    """What comes until it is whole; all of it if it never is."""
    text = ""
    end = time.monotonic() + seconds
    while not is_whole(text) and time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0]:
            try:
                text += os.read(master, 65536).decode()
            except OSError:
                break
            text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r|\x07", "", text)
    return text


# The prompt comes again after each list: it is the mark.
send(
    "unsetopt zle_bracketed_paste prompt_cr prompt_sp; setopt no_beep no_always_last_prompt list_ambiguous; "
    "zstyle ':completion:*' verbose no; autoload -U compinit; compinit -u -D; "
    f"source {script}; PS1='@@'; print READ''Y\n"
)
read_until(lambda text: "READY\n@@" in text)
for line in lines:
    # Line, list, prompt and line again.
    send(line + "\x04")
    shown = read_until(lambda text: re.search(f"\n@@{re.escape(line)} ?$", text), 10)
    shown = shown[: shown.rfind("@@")].split(line, 1)[-1]
    print(json.dumps(shown), flush=True)
    send("\x15\x0c")
    read_until(lambda text: text.endswith("@@"), 2)
send("\x04")
