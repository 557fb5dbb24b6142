// The table is whole without this script; here it gets a search, and each model its details and commands.
"use strict";
{
  const data = JSON.parse(document.getElementById("fleet").textContent);
  const rows = [...document.querySelectorAll("tr[data-model]")];
  const query = document.getElementById("query");
  const owner = document.getElementById("owner");
  const place = document.getElementById("place");
  const count = document.getElementById("count");

  // What a row is found by: everything that is said of its model, in lower case.
  const texts = data.map((model) =>
    [model.name, model.team, model.profile, ...model.releases.flatMap((run) =>
      [run.environment, run.image, run.model_version, run.resource, run.source, run.live?.state ?? "", ...run.models])]
      .join("\n").toLowerCase());

  function matches(index) {
    const model = data[index];
    if (owner.value && (model.team || "nobody") !== owner.value) return false;
    if (place.value && !model.releases.some((run) => run.environment === place.value)) return false;
    return query.value.toLowerCase().split(/\s+/).every((word) => texts[index].includes(word));
  }

  function filter() {
    let shown = 0;
    rows.forEach((row, index) => {
      const visible = matches(index);
      row.hidden = !visible;
      if (!visible) close(row);
      if (visible) shown += 1;
    });
    count.textContent = shown === rows.length ? `${shown} models` : `${shown} of ${rows.length} models`;
  }

  // Nothing of the data is ever markup: it gets into the page as text only.
  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function facts(run) {
    const pairs = [
      ["Image", run.image],
      ["Model version", run.model_version],
      ["Models", run.models.join(", ")],
      ["Repository", run.source],
      ["Pods", run.pods + (run.resource ? `, each with ${run.devices} ${run.resource}` : "")],
      ["In the cluster", run.address],
      ["From outside", run.outside],
      ["Namespace", run.namespace],
      ["Runs", run.live?.runs],
      ["Engine", run.live?.engine],
      ["Why", run.live?.words],
      ["Next", run.live?.step],
    ];
    return element("dl", {}, ...pairs.filter(([, value]) => value).flatMap(([key, value]) =>
      [element("dt", {}, key), element("dd", { class: "mono" }, value)]));
  }

  async function copy(button, text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // A browser may refuse that for a file: then the text is selected, and the person copies it.
      getSelection().selectAllChildren(button.closest(".action").querySelector("pre"));
      button.textContent = "Selected";
      return;
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }

  function action(each) {
    const button = element("button", { type: "button", class: "copy" }, "Copy");
    button.setAttribute("aria-label", `Copy: ${each.title}`);
    button.addEventListener("click", () => copy(button, each.command));
    const words = element("div", { class: "words" }, element("span", {}, each.title), button);
    return element("div", { class: "action" }, words, element("pre", {}, each.command));
  }

  // Who to ask, and where the model is written.
  function owner_of(model) {
    const words = [model.team || "nobody owns it", model.email, model.profile && `profile ${model.profile}`, model.place];
    return element("p", { class: "quiet" }, words.filter(Boolean).join(" · "));
  }

  function detail(model) {
    const runs = model.releases.map((run) => element("section", { class: "run" },
      element("h3", {}, run.environment),
      ...run.problems.map((problem) => element("p", { class: "mark" }, problem)),
      facts(run), ...run.actions.map(action)));
    return element("div", {}, owner_of(model), element("div", { class: "runs" }, ...runs));
  }

  function close(row) {
    const button = row.querySelector("button");
    if (button?.getAttribute("aria-expanded") !== "true") return;
    button.setAttribute("aria-expanded", "false");
    row.nextElementSibling.remove();
  }

  function toggle(row, index) {
    const button = row.querySelector("button");
    if (button.getAttribute("aria-expanded") === "true") return close(row);
    button.setAttribute("aria-expanded", "true");
    const cell = element("td", { colspan: row.cells.length }, detail(data[index]));
    row.after(element("tr", { class: "detail" }, cell));
  }

  rows.forEach((row, index) => {
    const name = row.querySelector(".name b");
    const button = element("button", { type: "button", "aria-expanded": "false" }, name.textContent);
    button.addEventListener("click", () => toggle(row, index));
    name.replaceWith(button);
  });

  // "/" begins a search, Escape ends it; the arrows go from model to model.
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === "/" && !typing) {
      event.preventDefault();
      query.focus();
    } else if (event.key === "Escape" && event.target === query) {
      query.value = "";
      filter();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.target instanceof HTMLSelectElement) return;
      const buttons = rows.filter((row) => !row.hidden).map((row) => row.querySelector("button"));
      const at = buttons.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      if (event.target !== query && !buttons.includes(document.activeElement)) return;
      event.preventDefault();
      (buttons[at] ?? query).focus();
    }
  });

  for (const each of [query, owner, place]) each.addEventListener("input", filter);
  document.documentElement.classList.add("script");
  filter();
}
