// SPDX-License-Identifier: Apache-2.0
// receiver.js LOG SECRET CERTIFICATE KEY: takes what sinks deliver, checks it with the libraries that receivers use, and writes a
// JSON line for each into LOG. Prints "HTTP-PORT SMTP-PORT" first. /flaky turns every event away twice.
'use strict';
const fs = require('fs');
const http = require('http');
const {createRequire} = require('module');
const load = createRequire(process.cwd() + '/'); // packages stand where the test installed them
const {Webhook} = load('standardwebhooks');
const {HTTP} = load('cloudevents');
const {SMTPServer} = load('smtp-server');

const [logFile, secret, certificate, key] = process.argv.slice(2);
const log = (entry) => fs.appendFileSync(logFile, JSON.stringify(entry) + '\n');
const turnedAway = new Map();

function take(path, headers, body) {
  if (path === '/slack') return log({to: 'slack', text: JSON.parse(body).text, blocks: JSON.parse(body).blocks.length});
  if (path === '/pagerduty') {
    const {event_action: action, dedup_key: dedup, payload} = JSON.parse(body);
    return log({to: 'pagerduty', type: action, incident: dedup, severity: payload.severity, summary: payload.summary});
  }
  new Webhook(secret).verify(body, headers); // throws
  const event = HTTP.toEvent({headers, body});
  event.validate(); // throws
  return log({to: path.slice(1), type: event.type, id: event.id, incident: event.subject, line: event.data.line, source: event.source});
}

const web = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const id = request.headers['webhook-id'];
    if (request.url === '/flaky' && (turnedAway.get(id) || 0) < 2) {
      turnedAway.set(id, (turnedAway.get(id) || 0) + 1);
      response.writeHead(503, {'Retry-After': '1'}).end();
      return;
    }
    try {
      take(request.url, request.headers, Buffer.concat(chunks).toString());
      response.writeHead(204).end();
    } catch (error) {
      log({to: 'error', url: request.url, error: String(error)});
      response.writeHead(400).end(String(error));
    }
  });
});

const mail = new SMTPServer({
  cert: fs.readFileSync(certificate), key: fs.readFileSync(key),
  onAuth: ({username, password}, session, callback) =>
    session.secure && username === 'shopper' && password === 'mail-secret' ? callback(null, {user: username}) : callback(new Error('no')),
  onData: (stream, session, callback) => {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      const [head, body] = Buffer.concat(chunks).toString().split('\r\n\r\n');
      const header = (name) => (head.replace(/\r\n[ \t]/g, ' ').match(new RegExp(`^${name}: (.*)$`, 'mi')) || [])[1];
      log({to: 'mail', tls: Boolean(session.secure), from: session.envelope.mailFrom.address, rcpt: session.envelope.rcptTo.map((r) => r.address),
        subject: header('Subject'), id: header('Message-ID'), reply: header('In-Reply-To') || '', text: Buffer.from(body, 'base64').toString()});
      callback();
    });
  },
});

web.listen(0, '127.0.0.1', () => mail.listen(0, '127.0.0.1', () =>
  console.log(`${web.address().port} ${mail.server.address().port}`)));
