"""Receives what service managers are told: prints each datagram as a line of JSON.

The argument is a path, or "@" and the name of an abstract socket. Node.js has no such sockets.
"""

import json
import socket
import sys

name = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind("\0" + name[1:] if name.startswith("@") else name)
print("bound", flush=True)
while True:
    # File descriptors that come with it are closed: so systemd-notify knows that it was read.
    print(json.dumps(receiver.recv(65536).decode()), flush=True)
