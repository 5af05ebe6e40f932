// SPDX-License-Identifier: Apache-2.0
// Holds the API to docs/openapi.json: node api.js OPENAPI BASE TOKEN. Each operation is asked, well and wrongly, and each answer
// is held against the schema of its status and media type. TAP.
"use strict";
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");
const load = createRequire(path.join(process.cwd(), "index.js"));
const Ajv = load("ajv/dist/2020");
const formats = load("ajv-formats");

const [openapiFile, base, token] = process.argv.slice(2);
const openapi = JSON.parse(fs.readFileSync(openapiFile, "utf8"));
const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true });
formats(ajv);
ajv.addKeyword("components");
ajv.addSchema({ $id: "api", components: openapi.components }, "api");

let count = 0;
let failed = 0;
const say = (good, what) => {
  count += 1;
  if (!good) failed += 1;
  console.log(`${good ? "ok" : "not ok"} ${count} - ${what}`);
};
const asked = new Set();

async function ask(method, template, { id, query = "", body, wanted, headers = {} }) {
  const url = base + template.replace("{id}", encodeURIComponent(id ?? "")) + query;
  const answer = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
  });
  const what = `${method} ${template}${query}`;
  const text = await answer.text();
  say(answer.status === wanted, `${what} answers ${answer.status}, wanted ${wanted} ${answer.status === wanted ? "" : text}`);
  const operation = openapi.paths[template][method.toLowerCase()];
  const described = operation.responses[answer.status] ?? operation.responses.default;
  say(described === operation.responses[answer.status], `${what}: ${answer.status} is described`);
  if (answer.ok) asked.add(`${method} ${template}`);
  const type = answer.headers.get("content-type");
  if (!described.content) { say(text === "", `${what} has no body`); return null; }
  say(type in described.content, `${what} is of type ${type}`);
  const schema = described.content[type]?.schema;
  const document = JSON.parse(text);
  if (schema) {
    const good = ajv.validate({ $ref: `api${schema.$ref}` }, document);
    say(good, `${what}: ${good ? "as described" : ajv.errorsText(ajv.errors.slice(0, 4))}`);
  }
  if (document.status >= 400) say(document.status === answer.status, `${what}: the problem's status is the answer's`);
  return document;
}

(async () => {
  const bearer = { Authorization: `Bearer ${token}` };
  const runs = await ask("GET", "/api/v1/runs", { wanted: 200 });
  say(runs.runs.length === 100 && runs.next_until !== null, "runs come in lists of a hundred");
  const next = await ask("GET", "/api/v1/runs", { query: `?limit=3&until=${encodeURIComponent(runs.next_until)}`, wanted: 200 });
  say(next.runs.every((run) => run.started < runs.next_until), "the next list goes on where the last one ended");
  const before = await ask("GET", "/api/v1/runs", { query: "?until=1970-01-01T00:00:00Z", wanted: 200 });
  say(before.runs.length === 0, "nothing was before 1970");
  const bad = await ask("GET", "/api/v1/runs", { query: "?failed=true&journey=checkout&persona=mobile&limit=5", wanted: 200 });
  say(bad.runs.every((run) => run.journey === "checkout" && run.persona === "mobile" && run.verdict === "fail"), "the filters filter");
  await ask("GET", "/api/v1/runs", { query: "?limit=0", wanted: 400 });
  await ask("GET", "/api/v1/runs", { query: "?from=yesterday", wanted: 400 });
  await ask("GET", "/api/v1/runs", { query: "?failed=perhaps", wanted: 400 });
  const run = await ask("GET", "/api/v1/runs/{id}", { id: bad.runs[0].id, wanted: 200 });
  say(run.report && run.last_good.verdict === "pass", "a failed run comes with its report and the last good one");
  await ask("GET", "/api/v1/runs/{id}", { id: "no such/<run>", wanted: 404 });

  const journeys = await ask("GET", "/api/v1/journeys", { wanted: 200 });
  say(journeys.journeys.map((journey) => journey.name).join() === "browse,checkout,guest-cart", "all journeys are there, by name");

  const incidents = await ask("GET", "/api/v1/incidents", { query: "?open=true", wanted: 200 });
  say(incidents.incidents.length === 2, "two incidents are open");
  await ask("GET", "/api/v1/incidents", { query: "?severity=5", wanted: 400 });
  const id = incidents.incidents.find((incident) => incident.severity === 1).id;
  const incident = await ask("GET", "/api/v1/incidents/{id}", { id, wanted: 200 });
  say(incident.timeline.length === 3 && incident.deliveries.length === 1, "an incident has its timeline and its deliveries");
  await ask("GET", "/api/v1/incidents/{id}", { id: "0199", wanted: 409 });
  await ask("GET", "/api/v1/incidents/{id}", { id: "ffff", wanted: 404 });

  const ack = "/api/v1/incidents/{id}/ack";
  await ask("POST", ack, { id, body: {}, wanted: 401 });
  await ask("POST", ack, { id, body: {}, headers: { Authorization: "Bearer let me inn" }, wanted: 401 });
  const acknowledged = await ask("POST", ack, { id, body: { author: "ann" }, headers: bearer, wanted: 200 });
  say(acknowledged.author === "ann" && acknowledged.acknowledged, "acknowledged, by whom");
  await ask("POST", ack, { id, headers: bearer, wanted: 200 });
  await ask("POST", ack, { id, body: "{", headers: bearer, wanted: 400 });
  await ask("POST", ack, { id, body: { author: 7 }, headers: bearer, wanted: 422 });
  await ask("POST", ack, { id, body: "author=ann", headers: { ...bearer, "Content-Type": "text/plain" }, wanted: 415 });
  await ask("POST", "/api/v1/incidents/{id}/unack", { id, body: { author: "ann" }, headers: bearer, wanted: 200 });

  const silences = "/api/v1/silences";
  const until = new Date(Date.now() + 3600e3).toISOString();
  await ask("GET", silences, { wanted: 200 });
  await ask("POST", silences, { body: { matcher: "journey=checkout", until }, wanted: 401 });
  await ask("POST", silences, { body: { until }, headers: bearer, wanted: 422 });
  await ask("POST", silences, { body: { matcher: "journey=checkout" }, headers: bearer, wanted: 422 });
  await ask("POST", silences, { body: { matcher: "journey=checkout", until: "2020-01-01T00:00:00Z" }, headers: bearer, wanted: 422 });
  await ask("POST", silences, { body: { matcher: "journey=chekout", until }, headers: bearer, wanted: 422 });
  await ask("POST", silences, { body: { matcher: "journey=checkout", until, coment: "x" }, headers: bearer, wanted: 422 });
  const silence = await ask("POST", silences, { body: { matcher: "journey=checkout", until, author: "ann", comment: "<b>moving</b>" }, headers: bearer, wanted: 201 });
  await ask("DELETE", "/api/v1/silences/{id}", { id: silence.id, wanted: 401 });
  await ask("DELETE", "/api/v1/silences/{id}", { id: silence.id, query: "?author=ann", headers: bearer, wanted: 204 });
  await ask("GET", "/api/v1/health", { wanted: 200 });
  await ask("GET", "/api/v1/ready", { wanted: 200 });

  const operations = Object.entries(openapi.paths).flatMap(([template, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${template}`));
  for (const operation of operations) say(asked.has(operation), `${operation} was asked`);
  const served = await (await fetch(`${base}/api/v1/openapi.json`)).json();
  say(JSON.stringify(served) === JSON.stringify(openapi), "the description is served");
  console.log(`1..${count}`);
  process.exit(failed ? 1 : 0);
})().catch((error) => { console.log(`Bail out! ${error.stack}`); process.exit(1); });
