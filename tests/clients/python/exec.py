"""Runs a command in a container: exec.py [--tty] [--text] POD CONTAINER COMMAND..."""
import codecs
import json
import os
import select
import signal
import socket
import sys
import termios
import tty

from kubernetes import client, config
from kubernetes.client.rest import ApiException
from kubernetes.stream import stream

flags = {word for word in sys.argv[1:3] if word.startswith("--")}
pod, container, *command = sys.argv[1 + len(flags):]
terminal, text = "--tty" in flags, "--text" in flags

config.load_kube_config()
try:
    session = stream(
        client.CoreV1Api().connect_get_namespaced_pod_exec, pod, "default", container=container, command=command,
        stdin=True, stdout=True, stderr=not terminal, tty=terminal, binary=not text, _preload_content=False,
    )
except ApiException as refusal:
    sys.exit(refusal.reason)
decode = codecs.getincrementaldecoder("utf-8")().decode if text else bytes


def send_size():
    size = os.get_terminal_size(0)
    session.write_channel(4, json.dumps({"Width": size.columns, "Height": size.lines}))


def send_input():
    data = os.read(0, 65536)
    if data:
        session.write_stdin(decode(data))
    else:
        inputs.pop(0)
        session.close_channel(0)


def show_output():
    for output, data in ((sys.stdout, session.read_stdout(timeout=0)), (sys.stderr, session.read_stderr(timeout=0))):
        output.buffer.write(data.encode() if text else data)
        output.flush()


inputs = {0: send_input}
if terminal:
    cooked = termios.tcgetattr(0)
    tty.setraw(0)
    # A change of the window's size wakes the select below.
    resized, wake = socket.socketpair()
    wake.setblocking(False)
    signal.signal(signal.SIGWINCH, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())
    inputs[resized] = lambda: resized.recv(64) and send_size()
    send_size()
try:
    while session.is_open():
        # What TLS has decrypted already is no news to select.
        ready = [] if session.sock.sock.pending() else select.select([*inputs, session.sock.sock], [], [])[0]
        for source in ready:
            inputs.get(source, lambda: None)()
        session.update(timeout=0)
        show_output()
    show_output()
finally:
    if terminal:
        termios.tcsetattr(0, termios.TCSADRAIN, cooked)
sys.exit(session.returncode)
