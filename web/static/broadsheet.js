/* What the pages can do without this script, it makes quicker: completion, keys, dragging dates. */
"use strict";
(() => {
  const root = document.body.dataset.root;
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const make = (name, attributes = {}, ...inside) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...inside);
    return node;
  };
  const kept = (key, fallback) => {
    try { return JSON.parse(localStorage.getItem(key)) ?? fallback; } catch { return fallback; }
  };
  const keep = (key, value) => {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* a private window */ }
  };

  /* The search box: completion by the ARIA combobox pattern, recent searches of this device. */
  const box = one("#q");
  if (box) {
    const form = box.form;
    const list = make("ul", { id: "list", role: "listbox", class: "list", hidden: "" });
    list.setAttribute("aria-label", one("label[for=q]").textContent);
    box.after(list);
    for (const [key, value] of Object.entries({
      role: "combobox", "aria-controls": "list", "aria-expanded": "false", "aria-autocomplete": "list",
    })) box.setAttribute(key, value);
    const kinds = JSON.parse(form.dataset.kinds);
    let typed = box.value, at = -1, asking = null, wait = 0;

    const options = () => all("[role=option]", list);
    const close = () => {
      list.hidden = true; at = -1;
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
    };
    const show = (rows) => {
      list.replaceChildren(...rows);
      list.hidden = !rows.length; at = -1;
      box.setAttribute("aria-expanded", String(!list.hidden));
      box.removeAttribute("aria-activedescendant");
    };
    const marked = (text) => {
      const typed_ = box.value.trim().toLowerCase().split(/\s+/).at(-1) ?? "";
      const begin = typed_ ? text.toLowerCase().indexOf(typed_) : -1;
      if (begin < 0 || text.toLowerCase().length !== text.length) return [text];
      return [text.slice(0, begin), make("b", {}, text.slice(begin, begin + typed_.length)), text.slice(begin + typed_.length)];
    };
    const row = (text, small, position, go) => {
      const item = make("li", { role: "option", id: `o${position}`, "aria-selected": "false" }, make("span", { dir: "auto" }, ...marked(text)));
      if (small) item.append(make("small", {}, small));
      item.dataset.text = text;
      item.addEventListener("mousedown", (event) => event.preventDefault());
      item.addEventListener("click", go);
      return item;
    };
    const submit = (text) => { box.value = text; close(); form.requestSubmit(); };
    const recent = () => {
      const searches = kept("recent", []);
      if (!searches.length) return close();
      const rows = searches.map((text, i) => row(text, "", i, () => submit(text)));
      rows.unshift(make("li", { role: "presentation", class: "said" }, form.dataset.recent));
      rows.push(row(form.dataset.forget, "", rows.length, () => { keep("recent", []); close(); }));
      rows.at(-1).dataset.text = "";
      show(rows);
    };
    const word = (completion) => {
      const quoted = /[^\p{L}\p{N}]/u.test(completion.text) ? `"${completion.text.replaceAll('"', "")}"` : completion.text;
      if (completion.kind === "tags") return `tag:${quoted}`;
      if (completion.kind === "authors") return `author:${quoted}`;
      return completion.kind === "topic" ? `topic:${quoted}` : completion.text;
    };
    const ask = async () => {
      asking?.abort();
      const text = box.value;
      if (!text.trim()) return recent();
      asking = new AbortController();
      try {
        const answer = await fetch(`${root}/api/v1/complete?q=${encodeURIComponent(text.slice(0, 200))}`, { signal: asking.signal });
        if (!answer.ok || document.activeElement !== box) return close();
        const { completions } = await answer.json();
        show(completions.map((each, i) => row(each.text, [kinds[each.kind], each.count || ""].filter(Boolean).join(" · "), i, () => submit(word(each)))));
      } catch { close(); }
    };
    const move = (step) => {
      const found = options();
      if (!found.length) return;
      found[at]?.setAttribute("aria-selected", "false");
      at = at < 0 && step < 0 ? found.length - 1 : at + step;
      if (at < 0 || at >= found.length) { at = -1; box.value = typed; box.removeAttribute("aria-activedescendant"); return; }
      found[at].setAttribute("aria-selected", "true");
      found[at].scrollIntoView({ block: "nearest" });
      box.setAttribute("aria-activedescendant", found[at].id);
      if (found[at].dataset.text) box.value = found[at].dataset.text;
    };
    box.addEventListener("input", () => { typed = box.value; clearTimeout(wait); wait = setTimeout(ask, 80); });
    box.addEventListener("focus", () => { if (!box.value) recent(); });
    box.addEventListener("blur", () => { clearTimeout(wait); asking?.abort(); close(); });
    box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) ask(); else move(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter" && at >= 0) {
        event.preventDefault(); options()[at].click();
      } else if (event.key === "Escape") {
        if (!list.hidden) { event.preventDefault(); box.value = typed; close(); } else box.blur();
      }
    });
    form.addEventListener("submit", () => {
      const text = box.value.trim();
      if (text) keep("recent", [text, ...kept("recent", []).filter((each) => each !== text)].slice(0, 8));
    });
  }

  /* Facets: a check box applies at once on a wide screen; 'show all' opens in place, with a filter. */
  const facets = one("form[data-facets]");
  if (facets) {
    const side = one("#filters"), wide = matchMedia("(min-width: 60rem)");
    const send = () => {
      const query = new URLSearchParams(new FormData(facets));
      for (const name of ["from", "to"]) if (!query.get(name)) query.delete(name);
      if (query.get("match") === "auto") query.delete("match");
      for (const name of [...query.keys()]) if (name.startsWith("find.")) query.delete(name);
      one("#main").classList.add("busy"); one("#main").setAttribute("aria-busy", "true");
      keepPlace();
      location.href = `${facets.getAttribute("action")}?${query}`;
    };
    /* The address is the state: a page that is gone back to shows its own choices again. */
    addEventListener("pageshow", (event) => {
      facets.reset();
      if (event.persisted) { one("#main").classList.remove("busy"); one("#main").removeAttribute("aria-busy"); }
    });
    /* The page that a choice leads to opens where this one was, with the focus where it was. */
    const keepPlace = () => {
      const at = document.activeElement;
      const focus = facets.contains(at) && at.name ? [at.name, at.type === "checkbox" || at.type === "radio" ? at.value : ""] : null;
      try { sessionStorage.setItem("place", JSON.stringify({ top: scrollY, focus, time: Date.now() })); } catch { /* a private window */ }
    };
    try {
      const place = JSON.parse(sessionStorage.getItem("place"));
      sessionStorage.removeItem("place");
      if (place && Date.now() - place.time < 20000 && !location.hash) {
        const [name, value] = place.focus ?? [];
        const node = name && all("input", facets).find((each) => each.name === name && (!value || each.value === value));
        node?.focus({ preventScroll: true });
        scrollTo({ top: place.top, behavior: "instant" });
      }
    } catch { /* a private window */ }
    for (const picker of all(".picker", facets)) {
      picker.addEventListener("change", () => { one(`#${picker.dataset.for}`, facets).value = picker.value; });
      picker.tabIndex = 0;
    }
    facets.addEventListener("submit", (event) => { event.preventDefault(); send(); });
    facets.addEventListener("change", (event) => {
      if (wide.matches && /^(checkbox|radio)$/.test(event.target.type)) send();
    });
    for (const link of all("[data-more]", facets)) {
      link.addEventListener("click", async (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        const field = link.closest("fieldset"), joint = link.href.includes("?") ? "&" : "?";
        const load = async (contains) => {
          const answer = await fetch(`${link.href}${joint}fragment=1&contains=${encodeURIComponent(contains)}`);
          if (!answer.ok) { location.href = link.href; return; }
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const values = one("ul.values", page);
          values.classList.add("long"); values.tabIndex = -1;
          one("ul.values", field).replaceWith(document.adoptNode(values));
        };
        if (!one(".finder", field)) {
          const finder = make("input", { type: "search", class: "finder", "aria-label": one("legend", field).textContent, maxlength: "100" });
          let timer = 0;
          finder.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => load(finder.value), 120); });
          finder.addEventListener("keydown", (key) => { if (key.key === "Enter") key.preventDefault(); });
          one("legend", field).after(finder);
          await load("");
          finder.focus();
          const open = make("a", { class: "more", href: link.href }, link.firstChild.textContent);
          link.replaceWith(open);
        }
      });
    }
    let opened = false;
    const drawer = () => {
      const open = location.hash === "#filters" && !wide.matches;
      for (const node of [one(".top"), one(".found"), one(".foot")]) node.inert = open;
      document.documentElement.style.overflow = open ? "hidden" : "";
      if (open) one(".close", side).focus(); else if (opened && !wide.matches) one(".to-filters").focus();
      opened = open;
    };
    addEventListener("hashchange", drawer); wide.addEventListener("change", drawer); drawer();
    side.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && location.hash === "#filters") location.hash = "main";
    });
  }

  /* The timeline: hover counts; drag, or arrow keys and Enter, to narrow. */
  for (const figure of all("[data-timeline]")) {
    const svg = one("svg", figure), readout = one("[data-readout]", figure), quiet = readout.textContent;
    const bars = [...svg.children].map((node) => {
      if (node.dataset.bar) { const [since, until] = node.dataset.bar.split(" "); return { node, since, until, label: node.dataset.label, text: `${node.dataset.label}: 0` }; }
      const asked = new URL(node.href.baseVal, location).searchParams;
      const text = node.getAttribute("aria-label");
      return { node, since: asked.get("from"), until: asked.get("to"), label: text.slice(0, text.lastIndexOf(":")), text };
    });
    if (!bars.length) continue;
    const picked = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    picked.setAttribute("class", "picked"); picked.setAttribute("height", "100"); svg.append(picked);
    let from = -1, to = -1, dragging = false;
    const paint = () => {
      const [low, high] = [Math.min(from, to), Math.max(from, to)];
      bars.forEach((bar, i) => bar.node.classList.toggle("on", from >= 0 && i >= low && i <= high));
      const step = 1000 / bars.length;
      picked.setAttribute("x", low < 0 ? 0 : low * step);
      picked.setAttribute("width", low < 0 ? 0 : (high - low + 1) * step);
      readout.textContent = from < 0 ? quiet : low === high ? bars[low].text : `${bars[low].label} – ${bars[high].label}`;
    };
    const under = (event) => {
      const area = svg.getBoundingClientRect();
      return Math.max(0, Math.min(bars.length - 1, Math.floor((event.clientX - area.left) / area.width * bars.length)));
    };
    const go = () => {
      if (from < 0) return;
      const target = new URL(figure.dataset.reset, location);
      target.searchParams.set("from", bars[Math.min(from, to)].since);
      target.searchParams.set("to", bars[Math.max(from, to)].until);
      location.href = target;
    };
    svg.addEventListener("pointermove", (event) => {
      to = under(event);
      if (!dragging) from = to;
      paint();
    });
    svg.addEventListener("pointerleave", () => { if (!dragging) { from = to = -1; paint(); } });
    svg.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      dragging = true; from = to = under(event); svg.setPointerCapture(event.pointerId); paint();
    });
    svg.addEventListener("pointerup", () => { if (dragging) { dragging = false; go(); } });
    svg.addEventListener("pointercancel", () => { dragging = false; from = to = -1; paint(); });
    svg.addEventListener("click", (event) => { if (!event.ctrlKey && !event.metaKey) event.preventDefault(); });
    svg.addEventListener("dragstart", (event) => event.preventDefault());
    svg.tabIndex = 0;
    svg.addEventListener("keydown", (event) => {
      const last = bars.length - 1;
      const next = { ArrowRight: to + 1, ArrowLeft: to < 0 ? last : to - 1, Home: 0, End: last }[event.key];
      if (next !== undefined) {
        event.preventDefault(); to = Math.max(0, Math.min(last, next));
        if (!event.shiftKey || from < 0) from = to;
        paint();
      } else if (event.key === "Enter") { event.preventDefault(); go(); }
      else if (event.key === "Escape") { from = to = -1; paint(); }
    });
    svg.addEventListener("blur", () => { from = to = -1; paint(); });
  }

  /* Marks of an article: one after the other. */
  const counter = one("[data-matches]");
  let mark = -1;
  const marks = all(".story mark");
  const visit = (step) => {
    if (!marks.length) return;
    marks[mark]?.classList.remove("at");
    mark = mark < 0 && step < 0 ? marks.length - 1 : (mark + step + marks.length) % marks.length;
    marks[mark].classList.add("at");
    marks[mark].scrollIntoView({ block: "center" });
    if (counter) counter.textContent = counter.dataset.matches.replace("{at}", mark + 1);
  };
  if (counter) counter.addEventListener("click", (event) => { event.preventDefault(); visit(1); });

  /* A file that is dropped anywhere on a page that takes one. */
  const takes = one(".work input[type=file]");
  if (takes) {
    const brings = (event) => event.dataTransfer?.types.includes("Files");
    for (const name of ["dragenter", "dragover"]) {
      document.addEventListener(name, (event) => { if (brings(event)) { event.preventDefault(); takes.form.classList.add("over"); } });
    }
    document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) takes.form.classList.remove("over"); });
    document.addEventListener("drop", (event) => {
      takes.form.classList.remove("over");
      if (!brings(event) || !event.dataTransfer.files.length) return;
      event.preventDefault();
      const given = new DataTransfer();
      given.items.add(event.dataTransfer.files[0]);
      takes.files = given.files;
      one("button", takes.form).focus();
    });
  }

  /* Keys. */
  const keys = one("#keys"), single = one("[data-single]", keys);
  single.checked = kept("single", true);
  single.addEventListener("change", () => keep("single", single.checked));
  one("[data-keys]").addEventListener("click", () => keys.showModal());
  const step = (by) => {
    const links = all(".hit :is(h2, h3) a");
    const now = links.indexOf(document.activeElement);
    const next = links[now < 0 && by < 0 ? links.length - 1 : now + by];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  };
  const follow = (selector) => one(selector)?.click();
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !single.checked || keys.open) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && !/^(checkbox|radio)$/.test(event.target.type)) return;
    const act = {
      "/": () => { box?.focus(); box?.select(); }, j: () => step(1), k: () => step(-1), n: () => visit(1), p: () => visit(-1),
      "]": () => follow("main a[rel=next]"), "[": () => follow("main a[rel=prev]"), u: () => follow(".trail .up"), "?": () => keys.showModal(),
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
})();
