# SPDX-License-Identifier: Apache-2.0
# A shop as small as can be, for smoke.sh: says what it was sent, counts its orders.
import http.server
import json

PRICE = b'{"data":{"product":{"priceWithTax":1500,"name":"Mug"}}}'


class Shop(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    orders = 0

    def answer(self, body, extra=()):
        self.send_response(200, "Fine")
        self.send_header("Content-Type", "application/json")
        for name, value in extra:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def chunked(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"4\r\nall \r\n5\r\nthere\r\n0\r\n\r\n")

    def do_GET(self):
        if self.path == "/headers":
            self.answer(json.dumps(self.headers.items()).encode())
        elif self.path == "/orders":
            self.answer(str(Shop.orders).encode())
        elif self.path == "/cookies":
            self.answer(b"{}", [("Set-Cookie", "session=YWJj==; path=/"), ("Set-Cookie", "session.sig=x-Y_z; path=/")])
        elif self.path == "/bytes":
            self.answer(bytes(range(256)) * 40)
        elif self.path == "/chunked":
            self.chunked()
        else:
            self.answer(PRICE)

    do_HEAD = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/orders":
            Shop.orders += 1
        self.answer(PRICE if self.path == "/shop-api" else body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
