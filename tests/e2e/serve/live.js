// SPDX-License-Identifier: Apache-2.0
// An open page stays true by itself: node live.js URL PID RUN-URL MANY-URL MANY-PID. The made-up daemon announces a change at SIGUSR1; it is stopped,
// goes on and is killed, while the page's clock runs ahead instead of waiting. TAP.
"use strict";
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");
const puppeteer = createRequire(path.join(process.cwd(), "index.js"))("puppeteer-core");
const [url, pidText, runUrl, manyUrl, manyPid] = process.argv.slice(2);
const pid = Number(pidText);
let count = 0;
const say = (good, what) => { count += 1; console.log(`${good ? "ok" : "not ok"} ${count} - ${what}`); };

// A clock that tests can set forward.
const clock = () => {
  const now = Date.now.bind(Date);
  window.forward = 0;
  Date.now = () => now() + window.forward;
};
const isOn = (page) => page.waitForFunction(() => document.getElementById("live").classList.contains("on"), { timeout: 10000 });
const comes = (page, condition) => page.waitForFunction(condition, { timeout: 10000 }).then(() => true, () => false);
const headline = (page) => page.$eval("h1", (heading) => heading.textContent.trim());
const open = async (browser, target) => {
  const page = await browser.newPage();
  await page.setViewport({ width: 360, height: 800 });
  await page.evaluateOnNewDocument(clock);
  await page.goto(target, { waitUntil: "load" });
  await isOn(page);
  return page;
};
// A change that is seen in the first part of the page, which has a mark that only the old one bears.
const change = (page) => {
  return page.evaluate(() => { const hero = document.querySelector(".hero"); hero.dataset.old = "yes"; })
    .then(() => process.kill(pid, "SIGUSR1"))
    .then(() => comes(page, () => !document.querySelector(".hero").dataset.old));
};

async function exchanges(page) {
  await page.evaluate(() => {
    document.querySelector(".matrix a").focus();
    window.matrix = document.querySelector(".matrix");
  });
  const before = await page.evaluate(() => document.activeElement.getAttribute("href"));
  say(await change(page), "what changed is exchanged in place");
  const after = await page.evaluate(() => document.activeElement.getAttribute("href"));
  say(before && before === after, `the focus stays where it was (${before}, ${after})`);
  say(await page.evaluate(() => window.matrix.isConnected), "what did not change is left alone");
}

async function keepsTheReader(browser, incidentUrl) {
  const page = await open(browser, incidentUrl);
  // As if the part had changed: what the reader moved, focused and selected stays.
  await page.evaluate(() => {
    const part = document.querySelector(".card");
    part.dataset.old = "yes";
    const box = part.querySelector(".scroll");
    box.focus();
    box.scrollLeft = 40;
  });
  const moved = await page.evaluate(() => document.querySelector(".card .scroll").scrollLeft);
  process.kill(pid, "SIGUSR1");
  say(await comes(page, () => !document.querySelector(".card").dataset.old), "a part that changed is exchanged");
  const now = await page.evaluate(() => {
    const box = document.querySelector(".card .scroll");
    return { left: box.scrollLeft, focused: document.activeElement === box };
  });
  say(moved > 0 && now.left === moved, `what was moved to the side stays there (${moved}, ${now.left})`);
  say(now.focused, "the focus stays on what is no link");
  await page.evaluate(() => {
    const [, part, last] = document.querySelectorAll("#main > section, #main > .card");
    part.dataset.old = (last || part).dataset.old = "yes";
    document.getSelection().selectAllChildren(part.querySelector("h2"));
  });
  const selected = await page.evaluate(() => document.getSelection().toString());
  process.kill(pid, "SIGUSR1");
  await comes(page, () => document.querySelectorAll("#main > [data-old]").length < 2);
  say(selected && selected === await page.evaluate(() => document.getSelection().toString()), `a selection stays (${selected})`);
  await page.evaluate(() => document.getSelection().removeAllRanges());
  say(await comes(page, () => !document.querySelector("#main > [data-old]")), "once it is let go, its part is exchanged, too");
  await page.close();
}

// With very many shoppers those that are no worse are folded away.
async function keepsUnfolded(browser) {
  const page = await open(browser, manyUrl);
  const folded = await page.evaluate(() => {
    const part = document.querySelector("details");
    const was = !part.open && part.querySelectorAll("tbody tr").length;
    part.open = true;
    part.closest("section").dataset.old = "yes";
    return was;
  });
  say(folded > 100, `most of very many shoppers are folded away (${folded})`);
  process.kill(Number(manyPid), "SIGUSR1");
  say(await comes(page, () => !document.querySelector("[data-old]")), "the part with them is exchanged");
  say(await page.$eval("details", (part) => part.open), "what was unfolded stays so");
  await page.close();
}

async function leavesThePastAlone(browser) {
  const page = await open(browser, runUrl);
  let asked = 0;
  page.on("request", (request) => { asked += request.url() === runUrl; });
  const other = await open(browser, url);
  await change(other);
  await page.evaluate(() => { window.forward += 600000; });
  await page.evaluate(() => new Promise((done) => { new EventSource("/events").addEventListener("open", done); }));
  say(asked === 0 && !(await page.$(".silence")), "a run is not asked for again, and grows no older");
  await other.close();
  await page.close();
}

async function noticesSilence(page) {
  const spoke = await headline(page);
  process.kill(pid, "SIGSTOP");
  say(await comes(page, () => { window.forward += 1000; return document.querySelector("h1").textContent.startsWith("No news from the prober for "); }), "a daemon that is frozen is no news");
  const silent = await page.evaluate(() => ({
    mood: document.documentElement.className, note: document.querySelector(".silence").textContent,
    said: document.getElementById("said").textContent, icon: document.querySelector("#sentence use").getAttribute("href"),
    title: document.title, on: document.getElementById("live").classList.contains("on"),
  }));
  say(silent.mood.includes("m-unknown") && silent.icon === "#i-unknown" && !silent.on, `its colour and its shape say so (${silent.mood}, ${silent.icon})`);
  say(silent.note.includes(spoke) && /At \d\d:\d\d:\d\d UTC/.test(silent.note), `what was true, and when, is said (${silent.note})`);
  say(silent.said.startsWith("No news") && silent.title.startsWith("No news"), "screen readers and the title say it");
  process.kill(pid, "SIGCONT");
  await page.evaluate(() => { window.forward += 10000; });
  say(await comes(page, () => !document.querySelector(".silence")) && (await headline(page)) === spoke, "a daemon that goes on is believed again");
  say(await comes(page, () => document.getElementById("live").classList.contains("on")), "and is shown to be live");
  process.kill(pid, "SIGKILL");
  say(await comes(page, () => { window.forward += 1000; return document.querySelector("h1").textContent.startsWith("No news"); }), "a daemon that is gone is no news");
}

(async () => {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((file) => fs.existsSync(file));
  const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  const page = await open(browser, url);
  await exchanges(page);
  await keepsTheReader(browser, await page.$eval(".incident a", (link) => link.href));
  await keepsUnfolded(browser);
  await leavesThePastAlone(browser);
  await page.bringToFront();
  await noticesSilence(page);
  await browser.close();
  console.log(`1..${count}`);
})().catch((error) => { console.log(`Bail out! ${error.stack}`); process.exit(1); });
