// The slider of a suggestion: its text, the ticks and targets of the moves, and the maps follow each stop at once.
export function slide(slider) {
  if (!slider) return;
  const stops = [...document.querySelectorAll("[data-step]")];
  const text = document.querySelector("#step-text strong");
  const accept = document.querySelector("[data-step-accept]");
  document.querySelector("[data-slider-show]").hidden = true;
  slider.addEventListener("input", () => {
    const stop = stops[Number(slider.value)];
    const chosen = JSON.parse(stop.dataset.chosen);
    stops.forEach((each) => each.classList.toggle("lit", each === stop));
    text.textContent = stop.dataset.step;
    slider.setAttribute("aria-valuetext", stop.dataset.step);
    if (accept) accept.textContent = stop.dataset.accept;
    document.querySelectorAll("#decide input[name=step]").forEach((field) => { field.value = slider.value; });
    document.querySelectorAll(".move[data-account]").forEach((move) => follow(move, chosen[move.dataset.account]));
    document.querySelectorAll("svg.map [data-account]").forEach((mark) => {
      mark.classList.toggle("out", !(mark.dataset.account in chosen));
    });
    document.getElementById("decide").dispatchEvent(new Event("slide"));
  });
}

function follow(move, rep) {
  const box = move.querySelector("input[name=move]");
  const target = move.querySelector("select");
  if ("other" in move.dataset) move.hidden = !rep;
  move.classList.toggle("out", !rep);
  if (box) box.checked = Boolean(rep);
  if (target && rep) target.value = rep;
}
