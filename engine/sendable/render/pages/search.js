"use strict";
(() => {
  const form = document.getElementById("search");
  const box = document.getElementById("words");
  const count = document.getElementById("count");
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  const entries = Array.from(document.querySelectorAll(".entry"), (entry) => ({
    entry, link: document.querySelector(`.contents li[data-of="${entry.id}"]`), text: plain(entry.textContent),
  }));
  const search = () => {
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { entry, link, text } of entries) {
      const matches = words.every((word) => text.includes(word));
      entry.hidden = !matches;
      link.hidden = !matches;
      found += matches;
    }
    const told = found || !entries.length ? form.dataset.found : form.dataset.none;
    count.textContent = words.length ? told.replace("{count}", found).replace("{all}", entries.length) : "";
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("input", search);
  form.hidden = false;
  search();
})();
