// SPDX-License-Identifier: Apache-2.0
// Keeps an open page true: when the server says that something changed, the page is asked for again and its content
// exchanged in place. Without this script a reload does the same.
"use strict";
(() => {
  const live = document.getElementById("live");
  const said = document.getElementById("said");
  let asking = false;
  let again = false;

  const sentence = (root) => {
    const found = root.querySelector("h1");
    return found ? found.textContent.trim() : "";
  };

  // What the reader opened, and where they stand, stays.
  const exchange = (fresh) => {
    const before = document.getElementById("main");
    const after = fresh.getElementById("main");
    if (!after) return;
    const focused = document.activeElement && before.contains(document.activeElement)
      ? document.activeElement.getAttribute("href") : null;
    const spoke = sentence(before);
    const adopted = document.importNode(after, true);
    before.replaceWith(adopted);
    if (focused) {
      const same = [...adopted.querySelectorAll("a[href]")].find((link) => link.getAttribute("href") === focused);
      if (same) same.focus({ preventScroll: true });
    }
    document.title = fresh.title;
    document.documentElement.className = fresh.documentElement.className;
    const stamp = fresh.getElementById("live");
    if (stamp) live.replaceChildren(...[...document.importNode(stamp, true).childNodes]);
    if (sentence(adopted) !== spoke) said.textContent = sentence(adopted);
  };

  const ask = async () => {
    if (asking) { again = true; return; }
    asking = true;
    try {
      const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
      if (answer.ok) exchange(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch (failure) {
      live.classList.remove("on");
    }
    asking = false;
    if (again) { again = false; ask(); }
  };

  const events = new EventSource("/events");
  events.addEventListener("open", () => live.classList.add("on"));
  events.addEventListener("error", () => live.classList.remove("on"));
  events.addEventListener("changed", () => { if (!document.hidden) ask(); else again = true; });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && again) { again = false; ask(); } });
  // Words such as "12 s ago" grow old even when nothing happens.
  setInterval(() => { if (!document.hidden) ask(); }, 30000);
})();
