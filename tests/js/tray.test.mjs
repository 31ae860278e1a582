import { window } from "./page.mjs";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Tray } from "../../static/chat/views/tray.js";

const LIMITS = { attachments: 100, attachment_bytes: 50_000_000 };
const ADDRESS = "https://example.com/plans/site.png?size=2";

let mayName;
let saved;
let tray;

beforeEach(() => {
  document.body.innerHTML = `<main><ul id="tray" hidden></ul><input type="file" id="attach-files">
    <button id="attach"></button><textarea id="message"></textarea></main>`;
  mayName = true;
  saved = [];
  tray = new Tray(LIMITS, {
    changed: () => {},
    save: files => (saved = files),
    whyNot: () => "",
    mayName: () => mayName,
  });
  tray.load([]);
});

function paste(text) {
  const event = new window.Event("paste", { cancelable: true });
  event.clipboardData = { files: [], getData: () => text };
  const box = document.getElementById("message");
  box.dispatchEvent(event);
  if (!event.defaultPrevented) box.value += text;
}

const offer = () =>
  [...document.querySelectorAll("#tray button")].find(each => /address/.test(each.textContent));

test("a picture's address is words until somebody wants it seen", () => {
  paste(ADDRESS);
  assert.deepEqual(tray.files(), []);
  assert.equal(document.getElementById("message").value, ADDRESS);
  offer().click();
  assert.deepEqual(tray.files(), [
    { id: null, url: ADDRESS, name: "site.png", type: "image", bytes: 0, detail: "auto" },
  ]);
  assert.equal(document.getElementById("message").value, "");
  assert.match(document.getElementById("tray").textContent, /site\.png.*At example\.com/s);
  assert.equal(document.querySelector("#tray img"), null);
  assert.deepEqual(saved, tray.files());
  tray.load(saved);
  document.querySelector("#tray [aria-label='Remove site.png']").click();
  assert.deepEqual(saved, []);
});

test("it is offered only where the deployment fetches pictures, and only for pictures", () => {
  for (const text of [
    "http://example.com/a.png",
    "https://example.com/a.svg",
    "see https://example.com/a.png",
  ])
    paste(text);
  assert.equal(offer(), undefined);
  mayName = false;
  paste(ADDRESS);
  assert.equal(offer(), undefined);
});
