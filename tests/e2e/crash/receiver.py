# SPDX-License-Identifier: Apache-2.0
"""receiver.py LOG: a webhook that turns one request in four away, and writes the others into LOG, a line each."""
import http.server
import random
import sys


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        away = random.random() < 0.25
        if not away:
            with open(sys.argv[1], "ab") as log:
                log.write(body + b"\n")
        self.send_response(503 if away else 204)
        self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
