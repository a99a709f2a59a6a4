import { lang, t } from "./texts.js";

const status = document.body.dataset.status;
const message = document.getElementById("message");
const form = document.querySelector("form");

document.documentElement.lang = lang();
document.title = `${t("deskTitle")} · Centralita`;
document.getElementById("agent-label").textContent = t("enterName");
document.getElementById("enter").textContent = t("enter");
message.textContent = status === "200" ? t("enterIntro") : t(`enter${status}`);
if (status !== "200" && status !== "400") form.remove();

const agent = document.getElementById("agent");
if (agent) {
  try { agent.value = localStorage.getItem("desk-agent") ?? ""; } catch { /* nothing kept */ }
  form.addEventListener("submit", () => {
    try { localStorage.setItem("desk-agent", agent.value.trim()); } catch { /* nothing kept */ }
  });
}
