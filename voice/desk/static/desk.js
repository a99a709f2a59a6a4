// The desk's page: keeps the queue live, shows one ticket. All text that comes from outside goes into the
// page as text nodes, never as markup.

import { accept, clock, complete, el, renderTicket, explain } from "./ticket.js";
import { lang, setLang, t } from "./texts.js";

const state = {
  me: "",
  dispositions: [],
  rows: [],
  skew: 0, // the server's clock less ours
  chosen: "",
  shown: null, // { ticket, packet } as last loaded
  shownKey: "",
  notice: null, // { kind, text } about the shown ticket
  known: null, // ids seen before, to announce only what is new
  online: false,
  over: false,
};

const nodes = Object.fromEntries(
  ["queue", "ticket", "link", "offline", "agent", "said", "desk"].map((id) => [id, document.getElementById(id)]),
);

export async function api(path, { method = "GET", body } = {}) {
  let response;
  try {
    response = await fetch(`/desk/api/${path}`, {
      method,
      headers: method === "GET" ? {} : { "Content-Type": "application/json", "X-Desk": "1" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw { code: "network", message: "" };
  }
  let answer = {};
  try { answer = await response.json(); } catch { /* a proxy's page instead of ours */ }
  if (response.status === 401) signedOut();
  if (!response.ok) throw answer.error ?? { code: "other", message: `HTTP ${response.status}` };
  return answer;
}

// --- the queue ------------------------------------------------------------------------------------------

function groups() {
  const by = { line: [], callbacks: [], mine: [], others: [] };
  for (const row of state.rows) {
    if (row.state === "waiting") by.line.push(row);
    else if (row.state === "callback") by.callbacks.push(row);
    else if (row.agent === state.me) by.mine.push(row);
    else by.others.push(row);
  }
  return [["mine", by.mine], ["line", by.line], ["callbacks", by.callbacks], ["others", by.others]];
}

function renderQueue() {
  const focused = document.activeElement?.closest?.("[data-ticket]")?.dataset.ticket;
  const parts = [];
  for (const [name, rows] of groups()) {
    if (!rows.length && name !== "line") continue;
    const heading = el("h2", {}, t(name), rows.length ? el("span", { class: "count" }, String(rows.length)) : null);
    const list = rows.length
      ? el("ul", { class: "rows" }, ...rows.map((row) => el("li", {}, renderRow(row))))
      : el("div", { class: "empty" }, el("strong", {}, t("empty")), el("span", {}, t("emptyHint")));
    parts.push(el("section", { class: "group", "data-group": name }, heading, list));
  }
  nodes.queue.replaceChildren(...parts);
  nodes.queue.setAttribute("aria-label", t("queueLabel"));
  if (focused) nodes.queue.querySelector(`[data-ticket="${CSS.escape(focused)}"]`)?.focus();
  const waiting = state.rows.filter((row) => row.state === "waiting").length;
  document.title = (waiting ? `(${waiting}) ` : "") + `${t("deskTitle")} · Centralita`;
}

function renderRow(row) {
  const since = row.state === "accepted" ? row.updated_at : row.created_at;
  const badges = [
    row.urgent ? el("span", { class: "badge urgent" }, t("urgent")) : null,
    row.mood === "frustrated" ? el("span", { class: "badge frustrated" }, t("frustrated")) : null,
    el("span", { class: "badge lang", title: t(`lang_${row.lang}`) }, row.lang.toUpperCase()),
    el("span", { class: "badge" }, row.queue),
    row.state === "accepted" && row.agent !== state.me ? el("span", { class: "badge" }, row.agent) : null,
  ];
  const place = row.position
    ? el("span", { class: "place", "aria-label": t("position", { n: row.position }) }, String(row.position))
    : el("span", { class: "place none", "aria-hidden": "true" }, row.state === "callback" ? "↩" : "✓");
  return el(
    "button",
    {
      type: "button",
      class: `row${row.urgent ? " is-urgent" : ""}`,
      "data-ticket": row.id,
      "aria-current": row.id === state.chosen ? "true" : null,
      onclick: () => choose(row.id, true),
    },
    place,
    el("span", { class: "what", lang: row.one_lines?.[lang()] ? lang() : row.lang },
      row.one_lines?.[lang()] || row.summary || row.intent || t("noIntent")),
    el("span", { class: "badges" }, ...badges),
    el("time", { class: "wait", "data-since": String(since), title: t("waiting") }),
  );
}

function tick() {
  const now = Date.now() + state.skew;
  for (const node of document.querySelectorAll("[data-since]")) {
    const text = clock(Math.max(0, now - Number(node.dataset.since)));
    if (node.textContent !== text) node.textContent = text;
  }
}

nodes.queue.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const rows = [...nodes.queue.querySelectorAll("[data-ticket]")];
  const next = rows[rows.indexOf(document.activeElement) + step];
  if (next) { next.focus(); event.preventDefault(); }
});

// --- one ticket -----------------------------------------------------------------------------------------

async function choose(id, focus = false) {
  if (id !== state.chosen) {
    state.notice = null;
    state.shown = null;
    state.shownKey = "";
  }
  state.chosen = id;
  history.replaceState(null, "", id ? `#${encodeURIComponent(id)}` : location.pathname);
  nodes.desk.classList.toggle("has-ticket", Boolean(id));
  renderQueue();
  tick();
  if (!id) {
    showTicket();
    return;
  }
  await load();
  if (focus) nodes.ticket.focus({ preventScroll: true });
}

async function load() {
  const id = state.chosen;
  if (!id) return;
  try {
    const answer = await api(`tickets/${encodeURIComponent(id)}`);
    if (id !== state.chosen) return; // another one was chosen while this was under way
    state.shown = answer;
  } catch (error) {
    if (id !== state.chosen) return;
    state.notice = { kind: "bad", text: explain(error) };
  }
  state.shownKey = keyOf(id);
  showTicket();
}

// what of the queue's row makes the ticket's page stale; a position does not
function keyOf(id) {
  const row = state.rows.find((item) => item.id === id);
  return row ? JSON.stringify({ ...row, position: 0 }) : "gone";
}

function showTicket() {
  const back = () => choose("");
  const form = nodes.ticket.querySelector("form");
  const draft = form && state.shown && form.dataset.ticket === state.shown.ticket.id
    ? Object.fromEntries(new FormData(form)) : null;
  const editing = form?.contains(document.activeElement) ? document.activeElement.name : "";
  const audio = nodes.ticket.querySelector("audio");
  nodes.ticket.replaceChildren(...renderTicket(state, { back, accept: take, complete: close, draft, audio }));
  if (editing) nodes.ticket.querySelector(`[name="${CSS.escape(editing)}"]`)?.focus();
  tick();
}

async function take(id) {
  try {
    await accept(api, id);
    state.notice = { kind: "good", text: t("accepted") };
    nodes.said.textContent = t("accepted");
  } catch (error) {
    state.notice = { kind: "bad", text: explain(error) };
  }
  await load();
  nodes.ticket.querySelector("select, button.primary")?.focus({ preventScroll: true });
}

async function close(id, disposition, note) {
  try {
    await complete(api, id, disposition, note);
    state.notice = { kind: "good", text: t("completed") };
    nodes.said.textContent = t("completed");
  } catch (error) {
    state.notice = { kind: "bad", text: explain(error) };
  }
  await load();
}

// --- staying live ---------------------------------------------------------------------------------------

function onQueue(message) {
  state.skew = message.now - Date.now();
  state.rows = message.tickets;
  const ids = new Set(state.rows.map((row) => row.id));
  const fresh = state.known ? state.rows.filter((row) => row.state === "waiting" && !state.known.has(row.id)) : [];
  state.known = ids;
  if (fresh.length) nodes.said.textContent = t("arrived", { summary: fresh[0].summary });
  renderQueue();
  tick();
  if (state.chosen && keyOf(state.chosen) !== state.shownKey) load();
}

let pause = 500;

function connect() {
  if (state.over) return;
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/desk/api/live`);
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type !== "queue") return;
    pause = 500;
    setOnline(true);
    onQueue(message);
  };
  socket.onclose = async (event) => {
    setOnline(false);
    if (event.code === 4001) { signedOut(); return; }
    // a refused handshake looks like a lost network: asking who we are tells the two apart
    api("me").catch(() => {});
    setTimeout(connect, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, 10000);
  };
}

function setOnline(online) {
  state.online = online;
  renderLink();
}

function signedOut() {
  state.over = true;
  renderLink();
}

function renderLink() {
  nodes.link.textContent = state.online ? t("live") : t("connecting");
  nodes.link.classList.toggle("on", state.online);
  const lost = state.over || (!state.online && state.known !== null);
  nodes.offline.hidden = !lost;
  nodes.offline.textContent = state.over ? t("signedOut") : t("offline");
  document.body.classList.toggle("stale", lost);
}

// --- the frame ------------------------------------------------------------------------------------------

function renderFrame() {
  document.documentElement.lang = lang();
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const button of document.querySelectorAll("[data-lang]")) {
    button.setAttribute("aria-pressed", String(button.dataset.lang === lang()));
  }
  nodes.agent.textContent = state.me;
  renderLink();
  renderQueue();
  showTicket();
}

for (const button of document.querySelectorAll("[data-lang]")) {
  button.addEventListener("click", () => { setLang(button.dataset.lang); renderFrame(); });
}

document.getElementById("sign-out").addEventListener("click", async () => {
  await api("session", { method: "DELETE" }).catch(() => {});
  location.assign("/desk");
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !state.chosen) return;
  const row = nodes.queue.querySelector(`[data-ticket="${CSS.escape(state.chosen)}"]`);
  choose("");
  row?.focus();
});

setInterval(tick, 1000);
renderFrame();
api("me").then((me) => {
  state.me = me.agent;
  state.dispositions = me.dispositions;
  state.chosen = decodeURIComponent(location.hash.slice(1));
  nodes.desk.classList.toggle("has-ticket", Boolean(state.chosen));
  renderFrame();
  load();
}).catch(() => {}).finally(connect);
