"""The desk in a real browser: Debian's chromium through playwright."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.desk.desk_rig import HANDOFF, DeskRig, rigs
from voice import events as ev
from voice.audio.wav import write_wav
from voice.clock import RealClock
from voice.events import Event
from voice.model import Result, TicketState

CHROMIUM = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), "")
playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine (apt-get install chromium)"),
]
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Page = Any


class Browser:
    def __init__(self, browser: Any, rig: DeskRig) -> None:
        self._browser = browser
        self._rig = rig
        self.problems: list[str] = []

    async def open(self, agent: str, **options: Any) -> Page:
        """An agent's own window, signed in through the one-time address."""
        context = await self._browser.new_context(**({"locale": "es-ES"} | options))
        page = await context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", lambda dialog: self.problems.append(f"dialog {dialog.message}"))
        await page.goto(self._rig.url(f"/desk/enter/{self._rig.links.issue()}"))
        await page.fill("#agent", agent)
        await page.click("#enter")
        await page.wait_for_selector(".link.on")
        return page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Any]:
    async with playwright.async_playwright() as driver:
        made = await driver.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield made
        await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def live_rig(tmp_path: Path) -> AsyncIterator[DeskRig]:
    """On the real clock, for a browser."""
    async with rigs(tmp_path) as make:
        yield await make(RealClock())


@pytest_asyncio.fixture(loop_scope="module")
async def browser(chromium: Any, live_rig: DeskRig) -> AsyncIterator[Browser]:
    browser = Browser(chromium, live_rig)
    yield browser
    for window in chromium.contexts:
        await window.close()
    assert browser.problems == []


async def _text(page: Page, selector: str) -> str:
    return str(await page.locator(selector).first.inner_text())


async def _until(page: Page, condition: str) -> None:
    """Playwright's own wait_for_function needs eval, which the page's policy forbids."""
    for _ in range(200):
        if await page.evaluate(condition):
            return
        await page.wait_for_timeout(50)
    raise AssertionError(f"never: {condition}")


async def test_an_agents_day(browser: Browser, live_rig: DeskRig) -> None:
    page = await browser.open("Ana")
    assert "Nadie espera" in await _text(page, "#queue")
    assert await page.title() == "Puesto de agentes · Centralita"
    await page.evaluate("window.stayed = true")

    await live_rig.ring("CA1")
    await live_rig.ring("CA2", urgent=True, priority=0)
    first = page.locator("[data-ticket]").first
    await page.wait_for_selector('[data-ticket="t-CA2"]')
    assert await first.get_attribute("data-ticket") == "t-CA2"
    assert "Urgente" in await first.inner_text()
    assert (await page.title()).startswith("(2)")
    await _until(page, "document.querySelector('[data-ticket] time').textContent !== '0:00'")

    await page.keyboard.press("Escape")
    await page.locator('[data-ticket="t-CA2"]').focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#accept")
    shown = await _text(page, "#ticket")
    for part in (
        "+34600111222",
        "40271835",
        "✓ Confirmado",
        "Sin confirmar",
        "93 %",
        "Cliente",
        "interrumpido aquí",
    ):
        assert part in shown
    assert "7391" not in await page.content()

    await page.click("#accept")
    await page.wait_for_selector("#complete")
    assert "La llamada es tuya." in await _text(page, ".notice.good")
    ticket = await live_rig.store.ticket("t-CA1")
    assert ticket is not None
    assert (ticket.state, ticket.agent) == (TicketState.ACCEPTED, "Ana")

    await page.fill("#note", "se abona la cuota")
    await _finish_call(live_rig)
    await page.wait_for_selector("audio")
    assert await page.input_value("#note") == "se abona la cuota"  # the draft outlives the redraw
    await _until(page, "document.querySelector('audio').duration > 0.9")

    await page.select_option("#disposition", "follow_up")
    await page.click("#complete")
    await page.wait_for_selector(".wrap")
    assert "Queda pendiente · Ana" in await _text(page, ".wrap")
    packet = await live_rig.store.packet("t-CA1") or {}
    assert packet["wrap_up"]["note"] == "se abona la cuota"
    assert await page.evaluate("window.stayed") is True


async def _finish_call(rig: DeskRig) -> None:
    path = rig.data / "calls" / "CA1" / "recording.wav"
    path.parent.mkdir(parents=True)
    write_wav(path, bytes(16_000))
    await rig.store.append([Event("CA1", 90, 30_000, ev.RecordingSaved(str(path), 1000))])
    packet = await rig.store.packet("t-CA1") or {}
    await rig.queue.update_packet("t-CA1", packet | {"recording": str(path)})


async def test_two_agents_one_caller(browser: Browser, live_rig: DeskRig) -> None:
    ana, luis = await browser.open("Ana"), await browser.open("Luis", locale="en-GB")
    await live_rig.ring("CA1")
    for page in (ana, luis):
        await page.click('[data-ticket="t-CA1"]')
        await page.wait_for_selector("#accept")
    await ana.click("#accept")
    await ana.wait_for_selector("#complete")
    await luis.wait_for_selector("#accept", state="detached")
    assert "Ana has it" in await _text(luis, "#ticket")
    assert "With colleagues" in await _text(luis, "#queue")
    answer = await luis.evaluate(
        """fetch('/desk/api/tickets/t-CA1/accept', {method: 'POST', headers: {'X-Desk': '1'}, body: '{}'})
           .then(r => r.json())"""
    )
    assert answer["error"]["by"] == "Ana"


async def test_a_lost_race_is_explained(
    browser: Browser, live_rig: DeskRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await browser.open("Luis")
    await live_rig.ring("CA1")
    await page.click('[data-ticket="t-CA1"]')
    await page.wait_for_selector("#accept")
    real = live_rig.queue.accept

    async def late(ticket_id: str, agent: str) -> Any:
        """Ana's claim arrives while Luis's is on its way."""
        if agent == "Luis":
            await real(ticket_id, "Ana")
        return await real(ticket_id, agent)

    monkeypatch.setattr(live_rig.queue, "accept", late)
    await page.click("#accept")
    await page.wait_for_selector(".notice.bad")
    assert "Ana ha sido más rápido" in await _text(page, ".notice.bad")
    assert "La tiene Ana" in await _text(page, "#ticket")


async def test_what_callers_say_is_never_markup(browser: Browser, live_rig: DeskRig) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    events = [
        Event("CA1", 0, 0, ev.CallerSaid(evil, 0.9, "es", 0, 900)),
        Event("CA1", 1, 900, ev.CallerKeyed('"><svg onload=alert(3)>')),
    ]
    page = await browser.open("<b>Ana</b>")
    await live_rig.ring("CA1", events=events, intent=None, queue="<i>q</i>")
    await page.click('[data-ticket="t-CA1"]')
    await page.wait_for_selector(".bubble")
    assert evil in await _text(page, "#ticket")
    assert evil[:20] in await _text(page, "#queue")
    assert await _text(page, "#agent") == "<b>Ana</b>"
    assert (
        await page.locator("#queue img, #ticket img, #ticket script, #queue i, #agent b, .bubble svg").count()
        == 0
    )


EVIL = "<img src=x onerror=alert(1)><svg onload=alert(2)></svg>\"'><script>alert(3)</script>{by}constructor"


def _everywhere(value: Any) -> Any:
    """The same packet, with markup in every text: profile, facts, articles, reasons, what models wrote."""
    if isinstance(value, dict):
        return {key: _everywhere(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_everywhere(item) for item in value]
    return EVIL if isinstance(value, str) else value


async def test_no_field_of_a_packet_is_markup(browser: Browser, live_rig: DeskRig) -> None:
    page = await browser.open("Ana")
    packet = await live_rig.ring("CA0")
    slot = {"label": "x", "value": "x", "spoken": "x", "source": "action", "confidence": 1, "verified": True}
    more = {
        "alternatives": [{"intent": "x", "label": "x", "confidence": 0.4}],
        "also": [{"intent": "x", "label": "x", "confidence": 0.4}],
        "slots": [slot, slot | {"verified": False, "source": "x"}],
        "tried": [{"what": "x", "outcome": "x", "detail": "x"}],
        "results": [{"label": "x", "shown": "x", "source": "x", "told": True, "sensitive": True}],
        "mood": "frustrated",
        "why_mood": ["x"],
        "callback": "x",
        "handoff_data": {"x": "x"},
    }
    evil = _everywhere(packet | more) | {"mood": "frustrated", "recording": EVIL}
    texts = {"one_line": EVIL, "summary": EVIL, "why_mood": [EVIL]}
    evil |= {"worded": {"es": texts, "en": texts}}
    await live_rig.queue.enqueue(
        "t-CA1", HANDOFF, evil, call_id="CA1", caller=EVIL, notify=lambda notice: None
    )
    await page.click('[data-ticket="t-CA1"]')
    await page.wait_for_selector(".number:has-text('onerror')")
    shown = await _text(page, "#ticket")
    assert shown.count("onerror=alert(1)") > 10
    made = "#ticket img, #ticket script, #ticket svg, #ticket [onerror], #ticket [onload], #ticket iframe"
    assert await page.locator(made).count() == 0
    links = await page.locator("#ticket a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    assert all(link.startswith("tel:") for link in links)


async def test_what_systems_answered_is_shown_with_its_source(browser: Browser, live_rig: DeskRig) -> None:
    step = "consultar el pedido"
    results = (
        Result("day", "date", "2026-03-15", "día de entrega", "", "order", step, told=True),
        Result("card", "digits", "4111111111111111", "tarjeta", "", "order", step, sensitive=True),
    )
    page = await browser.open("Ana")
    await live_rig.ring("CA1", results=results)
    await page.click('[data-ticket="t-CA1"]')
    await page.wait_for_selector(".card:has-text('Lo que respondieron los sistemas')")
    shown = await _text(page, ".card:has-text('Lo que respondieron los sistemas')")
    for part in ("Día de entrega", "15 de marzo de 2026", "Ya lo oyó", "Tarjeta", "••••", step):
        assert part in shown
    assert "4111" not in await _text(page, "#ticket")
    await page.click('[data-lang="en"]')
    await page.wait_for_selector(".card:has-text('What our systems answered')")


async def test_offline_is_said_and_mended(browser: Browser, live_rig: DeskRig) -> None:
    page = await browser.open("Ana")
    assert not await page.locator("#offline").is_visible()
    await live_rig.desk.close()  # drops every live socket, as a restart does
    await page.wait_for_selector("#offline:not([hidden])")
    assert "Sin conexión" in await _text(page, "#offline")
    await live_rig.ring("CA1")
    await page.wait_for_selector("#offline", state="hidden")
    await page.wait_for_selector('[data-ticket="t-CA1"]')


async def test_language_small_screen_and_sign_out(browser: Browser, live_rig: DeskRig) -> None:
    page = await browser.open("Ana", viewport={"width": 390, "height": 800}, color_scheme="dark")
    await live_rig.ring("CA1")
    await page.click('[data-lang="en"]')
    assert "On the line" in await _text(page, "#queue")
    await page.click('[data-ticket="t-CA1"]')
    await page.wait_for_selector("#accept")
    assert not await page.locator("#queue").is_visible()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(overflow) == 0
    await page.click(".back")
    await page.locator("#queue").wait_for()
    await page.click("#sign-out")
    await page.wait_for_selector("#message")
    assert "one-time address" in await _text(page, "#message")
