// An open page is drawn anew when the ledger tells that something on it changed. Without scripts, one reloads.
const main = document.querySelector("main[data-live]");
const note = document.querySelector(".stale");
const drawnAt = performance.now();
let late = null;
let due = false;

function writing() {
  const fields = [...main.querySelectorAll("textarea, input:not([type=hidden])")];
  return fields.some((field) => field.value !== field.defaultValue);
}

function say(text, visible) {
  note.hidden = false;
  note.classList.toggle("unseen", !visible);
  note.textContent = text;
  if (visible) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = "Load it again";
    note.append(" ", link);
  }
}

// What a form was answered with stands under the form's address, where nothing is to be asked for.
const address = main?.dataset.at ?? location.href;

async function renew() {
  if (document.hidden) {
    due = true;
    return;
  }
  due = false;
  if (writing()) {
    say("This page has changed since you began to write.", true);
    return;
  }
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    say("This page has changed, and Gatehouse does not answer.", true);
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (!answer.ok || !fresh || answer.redirected) {
    say("What this page shows is not there any more.", true);
    return;
  }
  // Somebody may have begun to write while the page was fetched.
  if (writing()) {
    say("This page has changed since you began to write.", true);
    return;
  }
  const open = [...main.querySelectorAll("details")].map((each) => each.open);
  const focused = main.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  main.replaceChildren(...fresh.childNodes);
  main.querySelectorAll("details").forEach((each, at) => { each.open = open[at] ?? each.open; });
  if (focused) main.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  main.dataset.now = fresh.dataset.now;
  say("The page was brought up to date.", false);
}

function ago(seconds) {
  const far = Math.abs(seconds);
  if (far < 60) return "just now";
  const [size, name] = [[86400, "day"], [3600, "hour"], [60, "minute"]].find(([each]) => far >= each);
  const count = Math.floor(far / size);
  if (name === "day" && count > 60) return null;
  const span = `${count} ${name}${count === 1 ? "" : "s"}`;
  return seconds > 0 ? `${span} ago` : `in ${span}`;
}

function tick() {
  const now = Number(main.dataset.now) + (performance.now() - drawnAt) / 1000;
  for (const time of main.querySelectorAll("time[data-ago]")) {
    time.textContent = ago(now - Date.parse(time.dateTime) / 1000) ?? time.textContent;
  }
}

if (main) {
  const source = new EventSource(main.dataset.live);
  source.addEventListener("changed", () => {
    clearTimeout(late);
    late = setTimeout(renew, 300);
  });
  document.addEventListener("visibilitychange", () => { if (due && !document.hidden) renew(); });
  setInterval(tick, 30000);
}
