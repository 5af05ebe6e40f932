# SPDX-License-Identifier: Apache-2.0
# A shop that tells everything that it was told, each path in another way of escaping. Prints its address.
import base64, html, http.server, json, urllib.parse

def as_json(text):
    return json.dumps({"echo": text})

WAYS = {
    "/plain": lambda text: text,
    "/json": as_json,
    "/json-slashes": lambda text: as_json(text).replace("/", "\\/"),
    "/json-html": lambda text: as_json(text).translate({ord(c): "\\u%04x" % ord(c) for c in "<>&'"}),
    "/json-in-json": lambda text: as_json(as_json(text)),
    "/html": lambda text: "<p>" + html.escape(text) + "</p>",
    "/html-decimal": lambda text: "<p>" + "".join(c if c.isalnum() else "&#%03d;" % ord(c) for c in text) + "</p>",
    "/html-json": lambda text: "<p data-x='" + html.escape(as_json(text)) + "'>",
    "/percent": lambda text: urllib.parse.quote(text),
    "/percent-twice": lambda text: urllib.parse.quote(urllib.parse.quote(text, safe=""), safe=""),
    "/base64-percent": lambda text: urllib.parse.quote(base64.b64encode(("u:" + text + ":x").encode()).decode(), safe=""),
    "/base64-slashes": lambda text: base64.b64encode(("us:" + text + ":x").encode()).decode().replace("/", "\\/"),
}


class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["password"]
        said = ("you said " + WAYS[self.path](told) + " didn't you").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *rest):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
