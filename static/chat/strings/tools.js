/** What is said of calls of tools, and of a task in a browser. */

import { seconds } from "./counting.js";

export const tools = {
  tools: {
    title: "Tools",
    hint: "What the model may call here. What it is told by them goes upstream with the conversation.",
    none: "No tools are set up for this team.",
    asks: "Somebody is asked before each call.",
  },

  calls: {
    states: { running: "Being written", failed: "Failed", stopped: "Stopped" },
    outcome: call => {
      const by = call.decided_by?.name;
      const decided = by && `${call.kind === "manual" ? "Answered" : "Approved"} by ${by}`;
      const said = {
        asks_approval: "Waits for approval",
        asks_output: "Waits for an answer",
        queued: decided || "Queued",
        running: "Running",
        done: decided || "Done",
        failed: "Failed",
        timed_out: "Took too long",
        declined: by ? `Declined by ${by}` : "Declined",
        stopped: "Stopped",
      };
      return said[call.state] ?? call.state;
    },
    decided: ({ state, kind, decided_by: by }, at) => {
      const verb = state === "declined" ? "Declined" : kind === "manual" ? "Answered" : "Approved";
      return `${verb} by ${by.name}, ${at}`;
    },
    function: "Function",
    decision: "Decision",
    toldModel: "What the model is told",
    asksApproval: ({ kind, server }) =>
      kind === "mcp"
        ? `The model wants to use this on the MCP server ${server}. What it sends leaves this service.`
        : "The model wants to use this tool.",
    waitsFor: ({ state, approvers, asker }) => {
      const who = approvers === "other" ? "another member of the team" : (asker?.name ?? "somebody else");
      return state === "asks_output" ? `Waits for ${who} to answer.` : `Waits for ${who} to approve it.`;
    },
    approve: "Approve",
    decline: "Decline",
    back: "Back",
    answer: "Send answer",
    answerLabel: ({ title, name }) => `What does “${title || name}” say?`,
    answerHint: "The model is told this as the tool’s output. Ctrl + Enter sends it.",
    reason: "Why? The model is told. You may leave it empty.",
    noLine: "There is no connection. Try again when it is back.",
    asksYou: ({ state, title, name }) =>
      state === "asks_output"
        ? `${title || name} waits for your answer.`
        : `${title || name} waits for your approval.`,
  },

  hand: {
    title: "Without the picture",
    surface: "The page. Mouse and keyboard work in it; press Escape twice to leave it",
    seen: "The page at this moment",
    hint: "Click into the picture, then your keyboard writes there. Press Escape twice to leave it, or use what follows. Your keys are kept nowhere; what the page shows when you give it back is in its picture.",
    address: "Address",
    go: "Go",
    back: "Back to the page before",
    text: "Text to type",
    write: "Type",
    hides: "Hide it",
    reading: "Read the page",
    read: "What the page says",
    silent: "The page says nothing.",
    focus: name => `The keyboard is at: ${name}.`,
    keys: {
      TAB: "Tab",
      "SHIFT TAB": "Shift + Tab",
      ENTER: "Enter",
      SPACE: "Space",
      BACKSPACE: "Backspace",
      ESC: "Esc",
      ARROWUP: "Up",
      ARROWDOWN: "Down",
      PAGEUP: "Page up",
      PAGEDOWN: "Page down",
    },
  },

  computer: {
    title: "Browser",
    use: "Use a browser",
    useHint:
      "The model works in a browser of its own, on the sites that this team may visit. Everybody here can watch, and pictures of it go upstream.",
    plan: {
      title: "Start page, window and limits",
      hint: "What is left empty is as the team has it.",
      start_url: "Start page",
      display_width: most => `Width of the window, up to ${most}`,
      display_height: most => `Height of the window, up to ${most}`,
      most_steps: most => `Steps, up to ${most}`,
      most_seconds: most => `Seconds, up to ${most}`,
      noAddress: "The address of a page begins with https:// or http://.",
      elsewhere: sites => `A start page is on one of the sites that this team may visit: ${sites}.`,
    },
    pause: "Pause",
    resume: "Resume",
    take: "Take over",
    give: "Give back",
    goOn: "Let the model go on",
    inHandOf: name => `${name} has mouse and keyboard`,
    inYourHand: "You have mouse and keyboard",
    play: "Play the steps",
    nextStep: "Next step",
    proceed: "Proceed",
    decline: "Decline",
    action: "What it wants to do",
    page: "Page",
    asksCheck: "The model needs your word before it goes on",
    asksStep: "Every step of this team waits for somebody’s word",
    asksPerson: "The page asks for a person",
    asksHand:
      "Take over and do it yourself: your keys are kept nowhere, and fields for secrets are covered in every picture.",
    unnamedCheck: "check",
    firstLook: "First look",
    now: page => `Now: ${page}`,
    stale: "No new picture could be taken; this is the one before",
    step: (number, did) => (number ? `Step ${number}: ${did}` : did),
    took: value => `${value.toFixed(1)} s`,
    left: value => `${seconds(value)} left`,
    idle: value => `Ends in ${seconds(value)} unless you do something`,
    states: {
      queued: "Opening a browser",
      running: "Working in a browser",
      waits_for_person: "Waits for somebody’s word",
      paused: "Paused",
      person_has_hand: "A person has the mouse",
    },
    ends: {
      done: "The browser task is done",
      steps: "All steps of the task are used up. Say how it shall go on.",
      time: "The time of the task is used up. Say how it shall go on.",
      declined: "Declined, so the task ended",
      unattended: "Nobody answered in time, so the task ended",
      stopped: "Stopped",
      failed: "The browser failed",
      interrupted: "The task was interrupted",
    },
    endedBy: {
      declined: name => `${name} declined, so the task ended`,
      stopped: name => `${name} stopped it`,
    },
    steps: {
      asks: "waits",
      queued: "queued",
      running: "under way",
      done: "",
      failed: "failed",
      not_done: "not done",
    },
    actions: {
      click: ({ x, y, button }) =>
        `${button && button !== "left" ? `${button} click` : "click"} at ${x}, ${y}`,
      double_click: ({ x, y }) => `double click at ${x}, ${y}`,
      drag: () => "drag",
      keypress: ({ keys }) => `press ${(keys ?? []).join(" + ")}`,
      move: ({ x, y }) => `move to ${x}, ${y}`,
      screenshot: () => "look",
      scroll: ({ scroll_x: x, scroll_y: y }) => `scroll by ${x ?? 0}, ${y ?? 0}`,
      type: ({ text }) => `type “${text}”`,
      wait: () => "wait",
    },
  },
};
