// Another tick or another rep: the effect on each territory is shown at once, and beside the proposal once the solver has priced it.
const PAUSE_MS = 250;
const EFFECTS = "[data-effects]";
const COMPARED = "[data-compare]";
const VERDICT = "[data-verdict]";

export function simulate(form, button) {
  const verdict = document.querySelector(VERDICT);
  if (!form || !button || !verdict) return;
  button.hidden = true;
  let waiting = 0;
  let asked = 0;
  let solver = Promise.resolve(); // it is asked one choice after the other, those that are no longer of interest not at all
  const show = async (address, place, mine) => {
    if (mine !== asked) return null;
    const page = await answer(address, form);
    const fresh = page.querySelector(place);
    if (!fresh) throw new Error(reason(page));
    if (mine === asked) document.querySelector(place).replaceWith(fresh);
    return page.querySelector(VERDICT);
  };
  const run = async (mine) => {
    try {
      await show(`${button.formAction}?sums_only=true`, EFFECTS, mine);
      solver = solver.catch(() => null).then(() => show(button.formAction, COMPARED, mine));
      const said = await solver;
      if (said && mine === asked) tell(verdict, said.textContent, said.classList.contains("refused"));
    } catch (error) {
      if (mine !== asked) return;
      tell(verdict, `${verdict.dataset.failed} ${error.message}`, true);
      button.hidden = false; // to ask again
    }
  };
  const ask = () => {
    const mine = (asked += 1);
    tell(verdict, verdict.dataset.wait, false, true);
    window.clearTimeout(waiting);
    waiting = window.setTimeout(run, PAUSE_MS, mine);
  };
  form.addEventListener("change", (event) => { if (event.target.matches("input[name=move], select")) ask(); });
  form.addEventListener("slide", ask);
}

async function answer(address, form) {
  const found = await fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  return new DOMParser().parseFromString(await found.text(), "text/html");
}

// What an error page says.
function reason(page) {
  return [...page.querySelectorAll("main h1, main h1 ~ p:not(:has(a))")].map((each) => each.textContent).join(". ");
}

function tell(verdict, text, isRefused, isBusy = false) {
  verdict.textContent = text;
  verdict.classList.toggle("refused", isRefused);
  document.querySelectorAll(`${EFFECTS}, ${COMPARED}`).forEach((part) => part.setAttribute("aria-busy", isBusy));
}
