// The server says when something has changed; the page then fetches itself and puts the new parts in the place of the old.
const PATIENCE_MS = 400;

export function stayFresh(light) {
  if (!light) return;
  let mark = "";
  const source = new EventSource("/live");
  source.addEventListener("standing", (event) => {
    const away = event.data === "away";
    show(light, away ? "away" : "on");
    if (mark && event.data !== mark && !away) setTimeout(refresh, PATIENCE_MS);
    if (!away) mark = event.data;
  });
  source.addEventListener("error", () => show(light, "off"));
  window.addEventListener("pagehide", () => source.close());
}

function show(light, state) {
  light.className = state;
  light.textContent = { on: light.dataset.live, away: light.dataset.away, off: light.dataset.off }[state];
}

async function refresh() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelectorAll("[data-fresh]").forEach((old) => {
    const fresh = page.querySelector(`[data-fresh="${old.dataset.fresh}"]`);
    if (fresh && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(fresh));
  });
}
