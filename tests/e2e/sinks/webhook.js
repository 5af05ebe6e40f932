// SPDX-License-Identifier: Apache-2.0
// webhook.js LOG SECRET: a receiver as their makers mean it: standardwebhooks verifies, cloudevents reads. Each request becomes a line
// of JSON in LOG; what does not verify is answered 401. /busy answers 503 and asks for patience.
const fs = require("fs");
const http = require("http");
const { Webhook } = require("standardwebhooks");
const { HTTP } = require("cloudevents");
const [log, secret] = process.argv.slice(2);
const verifier = new Webhook(secret);

function read(headers, body) {
  const verified = verifier.verify(body, headers);
  const event = HTTP.toEvent({ headers, body });
  event.validate();
  return { id: event.id, type: event.type, source: event.source, subject: event.subject, time: event.time,
    webhookId: headers["webhook-id"], sameId: verified.id === event.id, bytes: body.length, data: event.data };
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts).toString();
    if (request.url === "/busy") return response.writeHead(503, { "Retry-After": "7" }).end("later");
    try {
      fs.appendFileSync(log, JSON.stringify(read(request.headers, body)) + "\n");
      response.writeHead(204).end();
    } catch (error) {
      fs.appendFileSync(log, JSON.stringify({ error: String(error) }) + "\n");
      response.writeHead(401).end("not verified");
    }
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
