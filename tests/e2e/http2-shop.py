# SPDX-License-Identifier: Apache-2.0
"""A shop on loopback that speaks HTTP/2, badly: http2-shop.py CERTIFICATE KEY MODE. Prints its address."""
import socket
import ssl
import struct
import sys
import threading
import time

DATA, HEADERS, SETTINGS, PING, GOAWAY = 0, 1, 4, 6, 7
ACK = END_STREAM = 1
END_HEADERS = 4
OK = b"\x88"  # :status 200


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    return bytes([0, len(name)]) + name + bytes([len(value)]) + value


def read(client, length):
    data = b""
    while len(data) < length:
        more = client.recv(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def answer(client, stream):
    if mode == "whole":
        client.sendall(frame(HEADERS, END_HEADERS, stream, OK) + frame(DATA, END_STREAM, stream, b"<p>fine</p>"))
    elif mode == "ping":  # alive, but no page comes
        client.sendall(frame(HEADERS, END_HEADERS, stream, OK))
        for _ in range(100):
            client.sendall(frame(PING, 0, 0, b"12345678"))
            time.sleep(0.2)
    elif mode == "goaway":
        client.sendall(frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0)))
        raise EOFError
    elif mode == "short":
        head = OK + literal(b"content-length", b"100")
        client.sendall(frame(HEADERS, END_HEADERS, stream, head) + frame(DATA, END_STREAM, stream, b"abc"))


def serve(client):
    try:
        client = context.wrap_socket(client, server_side=True)
        read(client, len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
        client.sendall(frame(SETTINGS, 0, 0))
        while True:
            head = read(client, 9)
            read(client, int.from_bytes(head[:3], "big"))
            if head[3] == SETTINGS and not head[4] & ACK:
                client.sendall(frame(SETTINGS, ACK, 0))
            if head[3] == HEADERS:
                answer(client, int.from_bytes(head[5:], "big"))
    except (EOFError, OSError):
        client.close()


certificate, key, mode = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.set_alpn_protocols(["h2"])
listener = socket.create_server(("127.0.0.1", 0))
print(f"https://127.0.0.1:{listener.getsockname()[1]}", flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
