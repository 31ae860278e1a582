/**
 * The page's own store, driven from outside: a JSON command a line on stdin, what it knows afterwards as a line on
 * stdout. tests/chat/test_clients.py tells it what it tells a client in Python.
 */

import { createInterface } from "node:readline";
import { ConversationStore } from "../../static/chat/store.js";

const ignore = () => {};
let store;
let asked;

function open() {
  asked = [];
  store = new ConversationStore({
    changed: ignore,
    listed: ignore,
    conversationChanged: ignore,
    read: (response, position) => asked.push(position),
  });
}

const commands = {
  open,
  page: ({ page }) => store.takePage(page),
  turn: ({ turn }) => store.takeTurn(turn),
  frames: ({ frames }) => frames.forEach(frame => store.takeFrame(frame)),
};

const known = feed => ({
  items: feed.response.items,
  status: feed.response.status,
  upstream_seq: feed.response.upstream_seq,
  is_whole: feed.isWhole,
  position: feed.position(),
  asked: asked.splice(0),
});

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  commands[command.do](command);
  process.stdout.write(`${JSON.stringify([...store.feeds.values()].map(known))}\n`);
}
