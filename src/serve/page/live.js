// SPDX-License-Identifier: Apache-2.0
// Keeps an open page true: when the server says that something changed, the page is asked for again and what differs is
// exchanged in place. When the server says nothing any more, the page says so instead of repeating what it knew. Without this
// script a reload does the same.
"use strict";
(() => {
  const SILENCE_MS = 45000; // without news, and what stands here is not known to be true
  const REFRESH_MS = 30000; // words such as "12 s ago" grow old even when nothing happens
  const PATIENCE_MS = 10000;
  const RETRY_MS = 5000;
  const live = document.getElementById("live");
  const said = document.getElementById("said");
  const isPast = location.pathname.startsWith("/runs/"); // a run that was walked changes no more
  const events = new EventSource("/events");
  let asking = false;
  let again = false;
  let held = false; // something waits for the reader to let go of it
  let silent = false;
  let failed = false; // the latest try
  let confirmedAt = Date.now();
  let askedAt = 0;
  let visibleAt = 0;

  const sentence = (root) => {
    const found = root.querySelector("h1");
    return found ? found.textContent.trim() : "";
  };

  // --- Exchanging

  const movable = (section) => [...section.querySelectorAll(".scroll, pre")];
  const focusable = (section) => [...section.querySelectorAll("a[href], [tabindex]")];

  const isSelectedIn = (section) => {
    const selection = document.getSelection();
    return selection && !selection.isCollapsed && selection.containsNode(section, true);
  };

  // Where the reader stands in a part, stays: focus, what was moved to the side, what was unfolded.
  const replace = (old, fresh) => {
    const unfolded = [...old.querySelectorAll("details")].map((part) => part.open);
    const moved = movable(old).map((part) => [part.scrollLeft, part.scrollTop]);
    const focused = focusable(old).indexOf(document.activeElement);
    const link = focused >= 0 ? document.activeElement.getAttribute("href") : null;
    old.replaceWith(fresh);
    fresh.querySelectorAll("details").forEach((part, i) => { part.open = unfolded[i] || false; });
    movable(fresh).forEach((part, i) => { if (moved[i]) [part.scrollLeft, part.scrollTop] = moved[i]; });
    if (focused < 0) return;
    const all = focusable(fresh);
    const same = all.find((part) => link !== null && part.getAttribute("href") === link) || all[focused];
    if (same) same.focus({ preventScroll: true });
  };

  // Part by part, and only what differs. What the reader has selected something in waits until they let go.
  const exchange = (fresh) => {
    const before = document.getElementById("main");
    const after = fresh.getElementById("main");
    if (!after) return;
    const spoke = sentence(before);
    const says = sentence(after);
    const adopted = document.importNode(after, true);
    const pairs = [...before.children].map((old, i) => [old, adopted.children[i]]);
    const alike = before.children.length === adopted.children.length && pairs.every(([old, part]) =>
      old.tagName === part.tagName && old.getAttribute("aria-labelledby") === part.getAttribute("aria-labelledby"));
    if (!alike) replace(before, adopted);
    else for (const [old, part] of pairs) {
      if (old.isEqualNode(part)) continue;
      if (isSelectedIn(old) && !(old.querySelector("h1") && says !== spoke)) held = true;
      else replace(old, part);
    }
    document.title = fresh.title;
    document.documentElement.className = fresh.documentElement.className;
    const stamp = fresh.getElementById("live");
    if (stamp) live.replaceChildren(...[...document.importNode(stamp, true).childNodes]);
    if (says !== spoke) said.textContent = says;
  };

  // --- Asking

  const ask = async () => {
    if (isPast) return;
    if (asking) { again = true; return; }
    asking = true;
    again = held = false;
    askedAt = Date.now();
    try {
      const answer = await fetch(location.href, {
        cache: "no-store", headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await answer.text();
      failed = !answer.ok;
      if (answer.ok) {
        silent = false;
        if (events.readyState === EventSource.OPEN) live.classList.add("on");
        confirmedAt = Date.now();
        exchange(new DOMParser().parseFromString(text, "text/html"));
      }
    } catch (failure) {
      failed = true;
      live.classList.remove("on");
    }
    asking = false;
    if (again && !document.hidden) ask();
  };

  const askIfSeen = () => { if (document.hidden) again = true; else ask(); };

  // --- Silence

  const span = (ms) => {
    const seconds = Math.round(ms / 1000);
    if (seconds < 120) return `${seconds} s`;
    return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
  };

  // The headline is about now: with no news, that is the news. The rest stays, dimmed, with its time.
  const fallSilent = (ms) => {
    const hero = document.querySelector(".hero");
    const headline = document.querySelector("#sentence span");
    const words = `No news from the prober for ${span(ms)}`;
    if (!silent) {
      const stamp = live.querySelector("time");
      const note = document.createElement("p");
      note.className = "note silence";
      const when = stamp ? stamp.textContent : "an earlier time";
      note.textContent = headline
        ? `At ${when} UTC it was: “${headline.textContent}” Nobody knows whether that is still so.`
        : `What this page says was true at ${when} UTC. Nobody knows whether it still is.`;
      hero.append(note);
      if (headline) document.querySelector("#sentence use").setAttribute("href", "#i-unknown");
      document.documentElement.className = "m-unknown silent";
      document.title = `${words}.`;
      live.classList.remove("on");
      said.textContent = `${words}. ${note.textContent}`;
      silent = true;
    }
    if (headline) headline.textContent = `${words}.`;
  };

  const look = () => {
    const now = Date.now();
    if (document.hidden || isPast) return;
    const old = now - confirmedAt;
    if (old > REFRESH_MS && now - askedAt > RETRY_MS && !asking) ask();
    const hopes = asking && !failed && now - askedAt < PATIENCE_MS;
    if (old > SILENCE_MS && now - visibleAt > RETRY_MS && !hopes) fallSilent(old);
  };

  events.addEventListener("open", () => { live.classList.add("on"); if (silent) askIfSeen(); });
  events.addEventListener("error", () => live.classList.remove("on"));
  events.addEventListener("changed", askIfSeen);
  events.addEventListener("beat", look);
  document.addEventListener("visibilitychange", () => {
    visibleAt = Date.now();
    if (!document.hidden && (again || visibleAt - confirmedAt > REFRESH_MS)) ask();
  });
  document.addEventListener("selectionchange", () => {
    if (held && document.getSelection().isCollapsed) askIfSeen();
  });
  setInterval(look, 1000);
})();
