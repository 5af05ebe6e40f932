// SPDX-License-Identifier: Apache-2.0
// Looks at pages in a real browser: node look.js OUT-DIRECTORY NAME=URL...
// At three widths, in light and dark and on paper: nothing on the console, no request to elsewhere, nothing wider than the
// screen, nothing serious for axe. Prints one line of TAP per finding; pictures go to OUT-DIRECTORY.
"use strict";
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");
const load = createRequire(path.join(process.cwd(), "index.js"));
const puppeteer = load("puppeteer-core");
const axe = fs.readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");

const out = process.argv[2];
const pages = process.argv.slice(3).map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]);
const widths = [360, 800, 1400];
let count = 0;
let failed = 0;
const say = (good, what) => {
  count += 1;
  if (!good) failed += 1;
  console.log(`${good ? "ok" : "not ok"} ${count} - ${what}`);
};

const chromium = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((file) => fs.existsSync(file));

async function lookAt(browser, name, url, width, scheme) {
  const page = await browser.newPage();
  const trouble = [];
  page.on("console", (message) => {
    if (!["error", "warn"].includes(message.type())) return;
    if (message.location().url === url && message.text().includes("404")) return; // a page that says so itself
    trouble.push(message.text());
  });
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("dialog", (dialog) => { trouble.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (new URL(request.url()).origin !== new URL(url).origin) trouble.push(`asked ${request.url()}`); });
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.setBypassCSP(false);
  const answer = await page.goto(url, { waitUntil: "load" });
  const where = `${name} at ${width} ${scheme}`;
  say(answer.status() < 500, `${where}: answers ${answer.status()}`);
  await page.waitForFunction(() => document.getElementById("live").classList.contains("on"), { timeout: 5000 })
    .then(() => say(true, `${where}: is live`), () => say(false, `${where}: is live`));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  say(wide <= 0, `${where}: is no wider than the screen (${wide})`);
  const styled = await page.evaluate(() => getComputedStyle(document.querySelector("main")).maxWidth !== "none");
  say(styled, `${where}: has its style`);
  await page.screenshot({ path: path.join(out, `${name}-${width}-${scheme}.png`), fullPage: true });
  // axe needs no network; it is put in by the debugger, past the page's own policy.
  const findings = await page.evaluate(`(async () => { ${axe}; return (await axe.run(document)).violations; })()`);
  const serious = findings.filter((finding) => ["serious", "critical"].includes(finding.impact));
  say(serious.length === 0, `${where}: axe finds nothing serious`);
  for (const finding of findings)
    console.log(`# ${finding.impact} ${finding.id}: ${finding.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.any.map((any) => any.message).join("; ")}`).join(" | ")}`);
  say(trouble.length === 0, `${where}: nothing on the console ${trouble.join(" / ")}`);
  await page.close();
}

async function print(browser, name, url) {
  const page = await browser.newPage();
  await page.goto(url, { waitUntil: "load" });
  await page.emulateMediaType("print");
  await page.setViewport({ width: 794, height: 1123 });
  await page.screenshot({ path: path.join(out, `${name}-print.png`), fullPage: true });
  await page.pdf({ path: path.join(out, `${name}.pdf`), format: "A4" });
  const nav = await page.evaluate(() => getComputedStyle(document.querySelector("footer nav")).display);
  say(nav === "none", `${name} on paper: no navigation`);
  const head = await page.evaluate(() => document.querySelector("header").innerText.replace(/\s+/g, " "));
  const whose = await page.evaluate(() => [...document.querySelectorAll(".brand span, .place")].map((part) => part.textContent).join(" "));
  say(whose && head.startsWith(whose) && /as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/.test(head), `${name} on paper: says whose it is, and of when (${head})`);
  await page.close();
}

async function withoutScript(browser, name, url) {
  const page = await browser.newPage();
  await page.setJavaScriptEnabled(false);
  await page.goto(url, { waitUntil: "load" });
  const text = await page.$eval("h1", (heading) => heading.textContent);
  say(text.trim().length > 3, `${name} without a script: says "${text.trim().slice(0, 60)}"`);
  await page.close();
}

(async () => {
  fs.mkdirSync(out, { recursive: true });
  const browser = await puppeteer.launch({
    executablePath: chromium,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"],
  });
  for (const [name, url] of pages) {
    for (const width of widths)
      for (const scheme of width === 360 ? ["light"] : ["light", "dark"]) await lookAt(browser, name, url, width, scheme);
    await print(browser, name, url);
    await withoutScript(browser, name, url);
  }
  await browser.close();
  console.log(`1..${count}`);
  process.exit(failed ? 1 : 0);
})().catch((error) => { console.log(`Bail out! ${error.stack}`); process.exit(1); });
