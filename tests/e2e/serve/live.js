// SPDX-License-Identifier: Apache-2.0
// A change reaches an open page by itself: node live.js URL PID. The made-up daemon announces one at SIGUSR1. TAP.
"use strict";
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");
const puppeteer = createRequire(path.join(process.cwd(), "index.js"))("puppeteer-core");
const [url, pid] = process.argv.slice(2);

(async () => {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((file) => fs.existsSync(file));
  const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  const page = await browser.newPage();
  await page.goto(url, { waitUntil: "load" });
  await page.waitForFunction(() => document.getElementById("live").classList.contains("on"), { timeout: 10000 });
  await page.evaluate(() => { document.querySelector(".matrix a").focus(); document.getElementById("main").dataset.old = "yes"; });
  const before = await page.evaluate(() => document.activeElement.getAttribute("href"));
  process.kill(Number(pid), "SIGUSR1");
  const changed = await page.waitForFunction(() => !document.getElementById("main").dataset.old, { timeout: 10000 }).then(() => true, () => false);
  console.log(`${changed ? "ok" : "not ok"} 1 - the content is exchanged in place`);
  const after = await page.evaluate(() => document.activeElement.getAttribute("href"));
  console.log(`${before && before === after ? "ok" : "not ok"} 2 - the focus stays where it was (${before}, ${after})`);
  await browser.close();
  console.log("1..2");
})().catch((error) => { console.log(`Bail out! ${error.stack}`); process.exit(1); });
