// Another tick or another rep: the effect on each territory is shown at once, by the server's own reckoning.
const PAUSE_MS = 250;

export function simulate(form, button) {
  if (!form || !button) return;
  button.hidden = true;
  let waiting = 0;
  let asked = 0;
  const ask = () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(async () => {
      const mine = (asked += 1);
      try {
        const answer = await fetch(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(form)) });
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-effects]");
        if (answer.ok && fresh && mine === asked) document.querySelector("[data-effects]").replaceWith(fresh);
      } catch {
        button.hidden = false; // without an answer the button still asks
      }
    }, PAUSE_MS);
  };
  form.addEventListener("change", (event) => { if (event.target.matches("input[name=move], select")) ask(); });
  form.addEventListener("slide", ask);
}
