// SPDX-License-Identifier: Apache-2.0
// record.js SHOP-URL CHROMIUM WAY >recording.har: a real browser shops, and what it sends and gets over the DevTools protocol is
// written as a HTTP archive, as the browser's own developer tools write it.
// WAY: "forms" clicks through pages; "api" shops with fetch() as a single-page application does.
const puppeteer = require('puppeteer-core');
const [shop, chromium, way] = process.argv.slice(2);

class Recorder {
  constructor(client) {
    this.client = client;
    this.open = new Map();
    this.entries = [];
    this.pending = [];
    client.on('Network.requestWillBeSent', (event) => this.sent(event));
    client.on('Network.requestWillBeSentExtraInfo', (event) => this.extra(event.requestId, 'requestHeaders', event.headers));
    client.on('Network.responseReceivedExtraInfo', (event) => this.extra(event.requestId, 'responseHeaders', event.headers));
    client.on('Network.responseReceived', (event) => { const entry = this.open.get(event.requestId); if (entry) entry.response = event.response; });
    client.on('Network.loadingFinished', (event) => this.pending.push(this.finished(event.requestId)));
    client.on('Network.loadingFailed', (event) => this.open.delete(event.requestId));
  }
  // Headers as they were on the wire come in events of their own, sometimes before the request is known, one pair for each hop.
  extra(id, key, headers) {
    const of = this.extras ??= new Map();
    if (!of.has(id)) of.set(id, { requestHeaders: [], responseHeaders: [] });
    of.get(id)[key].push(headers);
  }
  sent(event) {
    const before = this.open.get(event.requestId);
    if (before && event.redirectResponse) { before.response = event.redirectResponse; this.close(before, ''); }
    const hop = before ? before.hop + 1 : 0;
    this.open.set(event.requestId, { id: event.requestId, hop, request: event.request, wall: event.wallTime, type: event.type });
  }
  async finished(id) {
    const entry = this.open.get(id);
    if (!entry || !entry.response) return;
    let body = { body: '', base64Encoded: false };
    try { body = await this.client.send('Network.getResponseBody', { requestId: id }); } catch { /* none is kept */ }
    this.close(entry, body.body, body.base64Encoded);
    this.open.delete(id);
  }
  close(entry, text, base64) { this.entries.push({ ...entry, text, base64 }); }
  headers(entry, key, fallback) {
    const all = (this.extras.get(entry.id) ?? {})[key] ?? [];
    return Object.entries(all[entry.hop] ?? fallback).map(([name, value]) => ({ name, value }));
  }
  har() {
    const entries = this.entries.sort((a, b) => a.wall - b.wall).map((entry) => ({
      startedDateTime: new Date(entry.wall * 1000).toISOString(), time: 1, _resourceType: entry.type.toLowerCase(),
      request: {
        method: entry.request.method, url: entry.request.url, httpVersion: 'HTTP/1.1', cookies: [], queryString: [], headersSize: -1, bodySize: -1,
        headers: this.headers(entry, 'requestHeaders', entry.request.headers),
        ...(entry.request.postData ? { postData: { mimeType: entry.request.headers['Content-Type'] ?? '', text: entry.request.postData } } : {}),
      },
      response: {
        status: entry.response.status, statusText: entry.response.statusText, httpVersion: 'HTTP/1.1', cookies: [], headersSize: -1, bodySize: -1,
        headers: this.headers(entry, 'responseHeaders', entry.response.headers), redirectURL: entry.response.headers.Location ?? '',
        content: { size: entry.text.length, mimeType: entry.response.mimeType, text: entry.text, ...(entry.base64 ? { encoding: 'base64' } : {}) },
      },
      cache: {}, timings: { send: 0, wait: 1, receive: 0 },
    }));
    return { log: { version: '1.2', creator: { name: 'record.js', version: '1' }, pages: [], entries } };
  }
}

async function forms(page) {
  const click = (selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
  await page.goto(`${shop}/`);
  await click('a[href="/login"]');
  await page.type('input[name=email]', 'shopper@example.com');
  await page.type('input[name=password]', 'demo-password');
  await click('#login button');
  await page.goto(`${shop}/product/MUG-42`);
  await click('#add button');
  await click('a[href="/checkout"]');
  await click('#checkout button');
  await click('#cancel button');
  await click('#logout button');
}

async function api(page) {
  await page.goto(`${shop}/product/MUG-42`);
  await page.evaluate(async () => {
    const call = async (method, path, body, headers) => (await fetch(path, {
      method, headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers }, body: body && JSON.stringify(body),
    })).text();
    const token = JSON.parse(await call('POST', '/m/v1/session', { email: 'shopper@example.com', password: 'demo-password' })).token;
    const signed = { Authorization: `Bearer ${token}` };
    await call('GET', '/m/v1/products/MUG-42', null, signed);
    const line = JSON.parse(await call('POST', '/m/v1/cart/lines', { sku: 'MUG-42', quantity: 1 }, signed));
    await call('GET', '/m/v1/cart', null, signed);
    await call('DELETE', `/m/v1/cart/lines/${line.line_id ?? line.id}`, null, signed);
  });
}

(async () => {
  const browser = await puppeteer.launch({ executablePath: chromium, headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'] });
  const page = await browser.newPage();
  const client = await page.createCDPSession();
  await client.send('Network.enable');
  const recorder = new Recorder(client);
  await ({ forms, api })[way](page);
  await page.waitForNetworkIdle({ idleTime: 300 });
  await Promise.all(recorder.pending);
  process.stdout.write(JSON.stringify(recorder.har(), null, 1));
  await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
