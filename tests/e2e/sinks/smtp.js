// SPDX-License-Identifier: Apache-2.0
// smtp.js LOG KEY CERTIFICATE tls|plain: an SMTP server that offers STARTTLS (or does not) and wants a password once it is spoken to in
// confidence. Each letter, as a mail library reads it, becomes a line of JSON in LOG.
const fs = require("fs");
const { SMTPServer } = require("smtp-server");
const { simpleParser } = require("mailparser");
const [log, key, certificate, mode] = process.argv.slice(2);

const server = new SMTPServer({
  key: fs.readFileSync(key),
  cert: fs.readFileSync(certificate),
  disabledCommands: mode === "plain" ? ["STARTTLS"] : [],
  authOptional: mode === "plain",
  onAuth(auth, session, callback) {
    if (auth.username === "shopper" && auth.password === "mail-password") return callback(null, { user: auth.username });
    callback(new Error("wrong user or password"));
  },
  onRcptTo(address, session, callback) {
    if (address.address.startsWith("gone@")) return callback(Object.assign(new Error("no such mailbox"), { responseCode: 550 }));
    if (address.address.startsWith("full@")) return callback(Object.assign(new Error("try later"), { responseCode: 452 }));
    callback();
  },
  onData(stream, session, callback) {
    simpleParser(stream).then((letter) => {
      fs.appendFileSync(log, JSON.stringify({
        secure: session.secure, user: session.user || null, from: session.envelope.mailFrom.address,
        to: session.envelope.rcptTo.map((one) => one.address), headerFrom: letter.from.text, headerTo: letter.to.text,
        subject: letter.subject, text: letter.text, id: letter.messageId, inReplyTo: letter.inReplyTo || null,
        references: letter.references || null, date: letter.date, auto: letter.headers.get("auto-submitted"),
        headers: letter.headerLines.map((line) => line.key),
      }) + "\n");
      callback();
    }, callback);
  },
});
server.on("error", () => {}); // a client that breaks off its handshake
server.listen(0, "127.0.0.1", () => console.log(`smtp://localhost:${server.server.address().port}`));
