"use strict";
(() => {
  const said = document.getElementById("said");
  const say = (text) => { said.textContent = ""; setTimeout(() => { said.textContent = text; }, 20); };
  const byHand = (node) => {
    const range = document.createRange(), selection = getSelection();
    range.selectNodeContents(node);
    selection.removeAllRanges();
    selection.addRange(range);
    const done = document.execCommand("copy");
    if (done) selection.removeAllRanges();
    return done;
  };
  const copy = async (node) => {
    try { await navigator.clipboard.writeText(node.innerText); return true; } catch (refused) { return byHand(node); }
  };
  for (const button of document.querySelectorAll("button.copy")) {
    const label = button.textContent, number = button.dataset.field;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await copy(document.getElementById("v" + number));
      button.textContent = done ? "Copied" : "Selected";
      say(done ? "Field " + number + " copied" : "Field " + number + " selected: press Ctrl+C");
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
})();
