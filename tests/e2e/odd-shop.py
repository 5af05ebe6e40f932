# SPDX-License-Identifier: Apache-2.0
"""A shop on loopback whose answers are odd. Prints its address, then one line of JSON per request: host, path, headers, body."""
import gzip
import http.server
import json
import urllib.parse

ZEROS = gzip.compress(bytes(64 << 20))
PAGE = b"<p itemprop=price content=12.50>EUR 12.50</p>"


class Shop(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        print(json.dumps({"host": self.headers["Host"], "path": self.path, "headers": headers, "body": body}), flush=True)
        path, _, there = self.path.partition("?")
        if path == "/large":
            self.answer(200, bytes(64 << 20))
        elif path == "/heavy":
            self.answer(200, b"heavy " * (1 << 18))
        elif path == "/bomb":
            self.answer(200, ZEROS, Content_Encoding="gzip")
        elif path == "/behind":
            self.answer(200, gzip.compress(PAGE) + b"and more", Content_Encoding="gzip")
        elif path == "/wall":
            self.answer(200, b"<title>Just a moment...</title>", cf_mitigated="challenge")
        elif path == "/speaks-of-walls":
            self.answer(200, PAGE + b"<div class=g-recaptcha></div><script src=/cdn-cgi/challenge-platform/x.js></script>")
        elif path in ("/302", "/307"):
            self.answer(int(path[1:]), Location=there)
        elif path == "/graphql":
            answer = urllib.parse.parse_qs(there)["answer"][0]
            self.answer(200, answer.encode(), Content_Type="application/json")
        elif path == "/hang":
            self.rfile.read(1)
        else:
            self.answer(200, PAGE)

    do_POST = do_GET

    def log_message(self, *rest):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
server.daemon_threads = True
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
