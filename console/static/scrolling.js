// What scrolls is reached with the Tab key and scrolled with the arrows, also where nothing in it takes the focus.
const TAKES_FOCUS = "a[href], button, input, select, textarea, summary";

export function reachable(whole) {
  const look = () => whole.querySelectorAll(".scroll, .tall, .many, .ticks").forEach(mark);
  new MutationObserver(look).observe(whole, { childList: true, subtree: true });
  window.addEventListener("resize", look);
  document.addEventListener("toggle", look, true);
  look();
}

function mark(place) {
  const scrolls = place.scrollWidth > place.clientWidth || place.scrollHeight > place.clientHeight;
  const heading = place.closest("section[aria-labelledby]")?.getAttribute("aria-labelledby");
  if (!scrolls || place.querySelector(TAKES_FOCUS)) {
    ["tabindex", "role", "aria-labelledby"].forEach((name) => place.removeAttribute(name));
    return;
  }
  place.tabIndex = 0;
  if (place.tagName !== "DIV" || !heading) return;
  place.setAttribute("role", "group");
  place.setAttribute("aria-labelledby", heading);
}
