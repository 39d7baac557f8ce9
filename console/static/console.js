// Everything works without this file; with it pages stay fresh, maps zoom, and rows light their territories.
import { stayFresh } from "./fresh.js";
import { reachable } from "./scrolling.js";
import { simulate } from "./simulate.js";
import { slide } from "./slide.js";
import { zoomable } from "./zoom.js";

document.querySelectorAll("form[data-auto]").forEach((form) => {
  form.addEventListener("change", () => form.requestSubmit());
});

// A form is sent once, however often somebody clicks.
document.querySelectorAll('form[method="post"]').forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
});
document.querySelectorAll("form[data-wait]").forEach((form) => {
  form.addEventListener("submit", () => { form.querySelector("[data-waiting]").textContent = form.dataset.wait; });
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

document.querySelectorAll("[data-tick]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    const boxes = [...document.querySelectorAll(`input[name="${button.dataset.tick}"]`)];
    const tick = !boxes.every((box) => box.checked);
    boxes.forEach((box) => { box.checked = tick; });
  });
});

const pin = document.querySelector("[data-pin-form]");
if (pin) {
  const choice = pin.querySelector("[data-pin-account]");
  const aim = () => { pin.action = pin.dataset.pinForm + encodeURIComponent(choice.value); };
  choice.addEventListener("change", aim);
  document.querySelectorAll("[data-pin]").forEach((link) => link.addEventListener("click", () => {
    choice.value = link.dataset.pin;
    aim();
  }));
  aim();
}

// A row of a table, or a move of a list, lights what it speaks of on the maps.
function lighting(attribute, fade) {
  document.addEventListener("pointerover", (event) => {
    const key = event.target.closest?.(`[data-${attribute}]`)?.dataset[attribute];
    document.querySelectorAll(`[data-${attribute}].lit`).forEach((each) => each.classList.remove("lit"));
    if (key) document.querySelectorAll(`[data-${attribute}="${CSS.escape(key)}"]`).forEach((each) => each.classList.add("lit"));
    if (fade) document.querySelectorAll("svg.map").forEach((map) => map.classList.toggle("faded", Boolean(key)));
  });
}
lighting("account", false);
lighting("rep", true);
zoomable(document.querySelectorAll("svg[data-zoom]"));
reachable(document.getElementById("main"));
slide(document.querySelector("[data-slider]"));
simulate(document.getElementById("decide"), document.querySelector("[data-simulate]"));
stayFresh(document.getElementById("live"));
