// One ticket: the whole packet, and what can be done with it.

import { has, lang, t } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";
const LOW = 0.6; // below it a line of the transcript is marked as hard to hear

/** An element; children are nodes or text. Attributes that are null are left out, on* are listeners. */
export function el(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Milliseconds as m:ss, or h:mm:ss. */
export function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  const pad = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

export function explain(error) {
  const key = `e_${error?.code}`;
  if (error?.code === "signed_out") return t("signedOut");
  return has(key) ? t(key, { by: error.by ?? "" }) : t("e_other", { message: error?.message ?? "" });
}

export const accept = (api, id) => api(`tickets/${encodeURIComponent(id)}/accept`, { method: "POST", body: {} });

export const complete = (api, id, disposition, note) =>
  api(`tickets/${encodeURIComponent(id)}/complete`, { method: "POST", body: { disposition, note } });

export function renderTicket(state, actions) {
  if (!state.shown) {
    const notice = state.notice ? [noticeOf(state.notice)] : [];
    if (state.chosen) return [backButton(actions), ...notice];
    return [el("div", { class: "placeholder" }, waves(), el("strong", {}, t("pick")), el("p", {}, t("pickHint")))];
  }
  const { ticket, packet } = state.shown;
  return [
    backButton(actions),
    head(ticket, packet),
    state.notice ? noticeOf(state.notice) : null,
    actionBar(state, ticket, packet, actions),
    el("div", { class: "columns" },
      el("div", { class: "column" },
        card(t("summary"), el("p", { class: "summary", lang: worded(packet).lang }, worded(packet).summary ?? ticket.summary)),
        intent(packet),
        facts(packet),
        answers(packet),
        tried(packet),
      ),
      el("div", { class: "column" },
        recording(ticket, packet, actions.audio),
        conversation(packet),
        times(packet),
      ),
    ),
  ].filter(Boolean);
}

const backButton = (actions) =>
  el("button", { type: "button", class: "back quiet", onclick: actions.back }, `← ${t("back")}`);

const noticeOf = (notice) => el("p", { class: `notice ${notice.kind}`, role: "alert" }, notice.text);

// the packet's texts in the reader's language; an older packet has only the caller's
const worded = (packet) => (packet.worded?.[lang()] ? { lang: lang(), ...packet.worded[lang()] } : packet);

const card = (title, ...children) => el("section", { class: "card" }, el("h3", {}, title), ...children);

function head(ticket, packet) {
  const number = ticket.caller
    ? el("a", { class: "number", href: `tel:${ticket.caller.replace(/[^\d+*#]/g, "")}` }, ticket.caller)
    : el("span", { class: "number none" }, t("numberHidden"));
  return el("header", { class: "head" },
    el("div", { class: "badges" },
      packet.urgent ? el("span", { class: "badge urgent" }, t("urgent")) : null,
      el("span", { class: `badge state ${ticket.state}` }, t(`state_${ticket.state}`)),
      el("span", { class: "badge lang" }, t(`lang_${ticket.lang}`)),
      el("span", { class: "badge" }, ticket.queue),
      packet.mood && packet.mood !== "neutral" ? el("span", { class: `badge ${packet.mood}` }, t(packet.mood)) : null,
    ),
    el("h2", { lang: worded(packet).lang ?? ticket.lang }, worded(packet).one_line || ticket.summary || t("noIntent")),
    packet.mood === "frustrated" && worded(packet).why_mood?.length
      ? el("p", { class: "hint", lang: worded(packet).lang }, `${t("moodWhy")}: ${worded(packet).why_mood.join("; ")}`)
      : null,
    el("p", { class: "who" }, number,
      ticket.state === "waiting" || ticket.state === "callback"
        ? el("span", {}, `${ticket.state === "waiting" ? t("waiting") : t("since")} `,
          el("time", { "data-since": String(ticket.created_at) }))
        : null,
    ),
  );
}

function actionBar(state, ticket, packet, actions) {
  if (ticket.state === "waiting" || ticket.state === "callback") {
    const button = el("button", { type: "button", class: "primary", id: "accept" },
      t(ticket.state === "waiting" ? "accept" : "acceptCallback"));
    button.addEventListener("click", () => {
      button.disabled = true;
      button.textContent = t("accepting");
      actions.accept(ticket.id);
    });
    const why = ticket.state === "callback" ? el("span", { class: "hint" }, t(packet.callback ?? "asked")) : null;
    return el("div", { class: "actions" }, button, why);
  }
  if (ticket.state === "accepted" && ticket.agent === state.me) return wrapForm(state, ticket, actions);
  if (ticket.state === "accepted") {
    return el("p", { class: "notice" }, t("withAgent", { agent: ticket.agent }));
  }
  if (packet.wrap_up) {
    const wrap = packet.wrap_up;
    return el("div", { class: "notice wrap" },
      el("strong", {}, `${t(`d_${wrap.disposition}`)} · ${wrap.agent}`),
      wrap.note ? el("p", {}, wrap.note) : null);
  }
  return state.notice ? null : el("p", { class: "notice" }, t("gone"));
}

function wrapForm(state, ticket, actions) {
  const draft = actions.draft ?? {};
  const choices = state.dispositions.map((name) =>
    el("option", { value: name, selected: draft.disposition === name }, t(`d_${name}`)));
  const note = el("textarea", { id: "note", name: "note", rows: "2", maxlength: "4000" });
  note.value = draft.note ?? "";
  const save = el("button", { class: "primary", id: "complete" }, t("save"));
  const form = el("form", { class: "actions wrap-form", "data-ticket": ticket.id },
    el("p", { class: "hint" }, el("strong", {}, t("youHaveIt")), ` · ${t("completeHint")}`),
    el("label", { for: "disposition" }, t("disposition")),
    el("select", { id: "disposition", name: "disposition" }, ...choices),
    el("label", { for: "note" }, t("note")),
    note,
    save,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save.disabled = true;
    actions.complete(ticket.id, form.elements.disposition.value, note.value);
  });
  return form;
}

function intent(packet) {
  const guess = packet.intent;
  if (!guess) return card(t("wants"), el("p", { class: "muted" }, t("noIntent")));
  const others = (packet.alternatives ?? []).filter((other) => other.confidence >= 0.05);
  const also = packet.also ?? [];
  return card(t("wants"),
    el("div", { class: "intent" }, el("strong", { lang: packet.lang }, guess.label), meter(guess.confidence)),
    others.length
      ? el("p", { class: "muted" }, `${t("alternatives")}: `,
        el("span", { lang: packet.lang }, others.map((o) => `${o.label} (${percent(o.confidence)})`).join(", ")))
      : null,
    also.length
      ? el("p", {}, `${t("also")}: `, el("span", { lang: packet.lang }, also.map((o) => o.label).join(", ")))
      : null,
  );
}

function facts(packet) {
  const slots = packet.slots ?? [];
  if (!slots.length) return card(t("facts"), el("p", { class: "muted" }, t("noFacts")));
  return card(t("facts"), el("dl", { class: "facts" }, ...slots.flatMap((slot) => {
    const own = slot.source === "speech" || slot.source === "dtmf";
    const mark = slot.dropped
      ? el("span", { class: "mark no" }, t("dropped"))
      : slot.verified
      ? el("span", { class: "mark yes" }, `✓✓ ${t("verified")}`)
      : slot.confirmed
      ? el("span", { class: "mark yes" }, `✓ ${t("confirmed")}`)
      : own
        ? el("span", { class: "mark no" }, `${t("unconfirmed")} · ${percent(slot.confidence)}`)
        : el("span", { class: "mark" }, t("onRecord"));
    const told = slot.sensitive ? t("hidden")
      : slot.source === "dtmf" ? t("keypad")
        : slot.spoken && slot.spoken !== slot.value ? t("saidAs", { spoken: slot.spoken }) : "";
    return [
      el("dt", { lang: packet.lang }, slot.label),
      el("dd", {}, el("span", { class: "value" }, slot.value), mark, told ? el("small", { class: "muted" }, told) : null),
    ];
  })));
}

function answers(packet) {
  const results = packet.results ?? [];
  if (!results.length) return null;
  return card(t("answers"), el("dl", { class: "facts" }, ...results.flatMap((result) => [
    el("dt", { lang: packet.lang }, result.label),
    el("dd", {},
      el("span", { class: "value", lang: packet.lang }, result.shown),
      result.told ? el("span", { class: "mark yes" }, `✓ ${t("alreadyTold")}`) : null,
      result.sensitive ? el("small", { class: "muted" }, t("hidden")) : null,
      result.source ? el("small", { class: "muted", lang: packet.lang }, result.source) : null),
  ])));
}

function tried(packet) {
  const list = packet.tried ?? [];
  if (!list.length) return card(t("tried"), el("p", { class: "muted" }, t("nothingTried")));
  return card(t("tried"), el("ul", { class: "tried", lang: packet.lang }, ...list.map((attempt) =>
    el("li", {}, el("strong", {}, attempt.what), " ", el("span", {}, attempt.outcome),
      attempt.detail ? el("small", { class: "muted" }, ` ${attempt.detail}`) : null))));
}

function conversation(packet) {
  const lines = packet.transcript ?? [];
  if (!lines.length) return card(t("conversation"), el("p", { class: "muted" }, t("noConversation")));
  return card(t("conversation"), el("ol", { class: "talk" }, ...lines.map((line) =>
    el("li", { class: `line ${line.who}` },
      el("span", { class: "meta" }, `${t(line.who)} · ${clock(line.at_ms)}`),
      el("span", { class: "bubble", lang: packet.lang }, line.text),
      line.ended === "cut" ? el("span", { class: "meta" }, `— ${t("wasCut")}`) : null,
      line.who === "caller" && line.confidence < LOW
        ? el("span", { class: "meta warn" }, t("doubtful", { n: Math.round(line.confidence * 100) })) : null,
    ))));
}

function recording(ticket, packet, playing) {
  if (!packet.recording) return card(t("recording"), el("p", { class: "muted" }, t("recordingLater")));
  const src = `/desk/api/calls/${encodeURIComponent(ticket.call_id)}/recording`;
  // the same player goes on when the page is drawn again around it
  const audio = playing?.getAttribute("src") === src ? playing : el("audio", { controls: true, preload: "metadata", src });
  audio.setAttribute("aria-label", t("recording"));
  return card(t("recording"), audio);
}

function times(packet) {
  const all = packet.timings;
  if (!all) return null;
  const rows = [
    ["callLength", clock(all.call_ms)],
    ["toHandoff", clock(all.to_handoff_ms)],
    ["botTalk", clock(all.bot_talk_ms)],
    ["callerTalk", clock(all.caller_talk_ms)],
    ["response", all.response_median_ms === null ? "—" : `${all.response_median_ms} ms`],
  ];
  return card(t("times"), el("dl", { class: "times" },
    ...rows.flatMap(([name, value]) => [el("dt", {}, t(name)), el("dd", {}, value)])));
}

const percent = (value) => new Intl.NumberFormat(lang(), { style: "percent" }).format(value);

function meter(value) {
  const node = el("meter", { min: "0", max: "1", low: "0.5", high: "0.8", optimum: "1", value: String(value) });
  return el("span", { class: "sure" }, node, t("sure", { n: Math.round(value * 100) }));
}

function waves() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M6 14v4M11 10v12M16 6v20M21 11v10M26 14v4");
  svg.append(path);
  return svg;
}
