/** Every word that the scripts show to people. Templates mark theirs with {% translate %}. */

const megabytes = bytes =>
  bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

const plural = (count, one, many) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

export const strings = {
  you: "You",
  answer: "Answer",
  untitled: "New conversation",
  copied: "Copied",
  copy: "Copy",
  copyCode: "Copy code",
  copyAnswer: "Copy answer",
  copyMessage: "Copy message",
  copyFailed: "Could not copy. Select the text and copy it by hand.",
  linkCopied: "Link copied. People who may see this conversation can open it.",
  stop: "Stop",
  retry: "Retry",
  close: "Close",
  undo: "Undo",
  edit: "Edit",
  discard: "Discard",
  showAll: "Show the whole message",
  plainCode: "Text",
  table: "Table",

  states: {
    waiting: "Waiting for the answer above",
    forApproval: "Waiting for approval",
    forPerson: "Waiting for somebody’s answer",
    queued: "Queued",
    thinking: "Thinking",
    working: "Using a tool",
    writing: "Writing",
    completed: "Completed",
    incomplete: "Incomplete",
    failed: "Failed",
    cancelled: "Stopped",
    interrupted: "Interrupted",
  },
  seconds: value => (value < 60 ? `${value} s` : `${Math.floor(value / 60)} min ${value % 60} s`),
  thoughtFor: value => `Thought for ${value}`,
  reasoning: "Reasoning",
  reasoningTokens: value => plural(value, "reasoning token", "reasoning tokens"),
  refused: "The model declines",
  sources: {
    title: "Sources",
    one: (number, title) => `Source ${number}: ${title}`,
  },

  /** Of each pair the first is said while it runs, the second when it has ended. */
  steps: {
    notes: { failed: "Failed", stopped: "Stopped" },
    web: {
      search: ["Searching the web", "Searched the web"],
      open_page: ["Opening a page", "Opened a page"],
      find_in_page: ["Looking through a page", "Looked through a page"],
    },
    queries: "Queries",
    page: "Page",
    sources: count => plural(count, "source", "sources"),
    files: ["Searching the files", "Searched the files"],
    found: count => plural(count, "result", "results"),
    unnamedFile: "A file without a name",
    score: "Score",
    fileId: "File",
    code: ["Running code", "Ran code"],
    output: "Output",
    errors: "Errors",
    container: "Container",
    plot: number => `Picture ${number} that the code made`,
    shell: ["Running a command", "Ran a command"],
    shellOutput: "What the command said",
    folder: "Folder",
    user: "User",
    timeout: "took too long",
    exitCode: code => `exit code ${code}`,
    patches: {
      create_file: ["Writing a file", "Wrote a file"],
      delete_file: ["Deleting a file", "Deleted a file"],
      update_file: ["Changing a file", "Changed a file"],
    },
    program: "Wrote a program that calls tools",
    draw: ["Drawing a picture", "Drew a picture"],
    notDrawn: "The picture could not be drawn",
    drawing: { size: "Size", quality: "Quality", background: "Background", output_format: "Format" },
    prompt: "Prompt, as the model put it",
    picture: "Picture",
    preview: "The picture as it is so far",
    screenshot: "Screenshot",
    listing: label => (label ? `Asking ${label} for its tools` : "Asking for tools"),
    offers: (label, count) => `${label || "The server"} offers ${plural(count, "tool", "tools")}`,
    calls: name => (name ? [`Calling ${name}`, `Called ${name}`] : ["Calling a tool", "Called a tool"]),
    onServer: label => (label ? `on ${label}` : ""),
    arguments: "Arguments",
    error: "Error",
    approved: "Approved",
    declined: "Declined",
    toolOutput: "What the tool said",
    toolSearch: ["Looking for tools", "Looked for tools"],
    computer: ["Using a computer", "Used a computer"],
    actions: "Actions",
    safety: "Safety checks",
    checks: count => plural(count, "safety check", "safety checks"),
    compacted: "Earlier parts of the conversation were condensed",
    unnamedTool: "A tool without a name",
    unnamed: "Something without a type",
    unknown: "Not known here",
    unknownHint: "This version of the page has no view for it. It is kept as it came.",
    cut: "… Cut here. An export has all of it.",
  },
  attempt: (number, total) => `Attempt ${number} of ${total}`,
  earlierAttempt: "Earlier attempt",
  laterAttempt: "Later attempt",

  stoppedBy: name => `Stopped by ${name}`,
  interruptedTitle: "The answer was interrupted",
  interruptedAdvice:
    "The process that was writing it died. What had arrived is kept. Retry to run your message again.",
  incompleteTitle: "The answer ends early",
  incompleteReasons: {
    max_output_tokens: "The model reached its limit of output tokens.",
    content_filter: "The content filter of the endpoint cut the answer.",
  },
  incompleteAdvice: "What had arrived is kept. Retry, or ask it to go on.",
  failedTitle: "The answer failed",
  yourTextIsKept: "Your message is saved here.",
  partIsKept: "Your message and the part that arrived are saved here.",

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

  computer: {
    title: "Browser",
    use: "Use a browser",
    useHint:
      "The model works in a browser of its own, on the sites that this team may visit. Everybody here can watch, and pictures of it go upstream.",
    pause: "Pause",
    resume: "Resume",
    proceed: "Proceed",
    decline: "Decline",
    action: "What it wants to do",
    page: "Page",
    asksCheck: "The model needs your word before it goes on",
    asksStep: "Every step of this team waits for somebody’s word",
    unnamedCheck: "check",
    firstLook: "First look",
    stale: "No new picture could be taken; this is the one before",
    step: (number, did) => (number ? `Step ${number}: ${did}` : did),
    took: value => `${value.toFixed(1)} s`,
    waits: value => `Waits for somebody’s word, ${strings.seconds(value)} more`,
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

  messageErased: "This message was erased",
  answerErased: date => `The words of this answer were erased on ${date}`,

  parameters: {
    more: "More",
    reset: "Reset to what is usual",
    usual: "As usual",
    leaveOut: name => `Leave out “${name}” and try again`,
    leaveOutAndSend: name => `Leave out “${name}” and send`,
    tools: { label: "Tools" },
    keep: {
      label: "How turns are kept upstream",
      usual: keep => `As the deployment says: ${strings.parameters.keep.values[keep].toLowerCase()}`,
      values: {
        chained: "Stored, and chained to",
        resent: "Stored, and sent again each time",
        not_stored: "Not stored, and sent again each time",
      },
      consequences: {
        chained: "Each message goes alone; the endpoint adds what it has stored of the conversation.",
        resent:
          "The whole conversation goes with each message. The endpoint stores every answer, but nothing hangs on that.",
        not_stored:
          "The endpoint keeps nothing of an answer once it is given. The whole conversation goes with each message, nothing runs in the background, and an answer that is interrupted can't be looked up.",
      },
      team: "This team's answers are never stored upstream.",
    },
    effort: { label: "Reasoning effort", hint: "More takes longer and costs more." },
    verbosity: { label: "Verbosity", hint: "How much the model writes." },
    summary: { label: "Summary of the reasoning", hint: "What the model tells of its thoughts." },
    max_output_tokens: {
      label: "Most output tokens",
      hint: "The answer ends there, reasoning included; from 16 on.",
    },
    temperature: {
      label: "Temperature",
      hint: "0 to 2. Higher is more varied; change this or top p, not both.",
    },
    top_p: { label: "Top p", hint: "0 to 1. Only the likeliest words up to this share." },
    truncation: {
      label: "When the conversation is too long",
      hint: "An error, or the oldest messages are left out without a word.",
      values: { disabled: "An error", auto: "Leave out the oldest" },
    },
    compact_at: {
      label: "Compact above",
      hint: "So many tokens; from 1,000 on. The API makes something short of what was said before, which only the model can read.",
    },
    tool_choice: {
      label: "Use of tools",
      hint: "Where tools are offered.",
      values: { auto: "The model decides", required: "At least one", none: "None" },
    },
    parallel_tool_calls: {
      label: "Several tool calls at once",
      hint: "Where tools are offered.",
      values: { true: "Yes", false: "One after the other" },
    },
    prompt_cache_key: {
      label: "Key of the prompt cache",
      hint: "Requests that begin alike and have the same key are more often found in the cache.",
    },
    metadata: {
      label: "Metadata",
      hint: "Stored upstream with each answer: up to 15 lines of name = value.",
      wrong: "Lines of name = value: at most 15, names up to 64 characters, values up to 512.",
    },
  },

  hosted: {
    title: "Tools that run upstream",
    values: {
      low: "Low",
      medium: "Medium",
      high: "High",
      "1g": "1 GB",
      "4g": "4 GB",
      "16g": "16 GB",
      "64g": "64 GB",
      "1024x1024": "Square",
      "1024x1536": "Upright",
      "1536x1024": "Across",
    },
    web_search: {
      label: "Web search",
      hint: "What is searched for leaves the endpoint, and each search is billed.",
      search_context_size: "How much it reads",
    },
    file_search: {
      label: "File search",
      hint: "In vector stores of the endpoint.",
      vector_store_ids: "Ids of vector stores",
      wrong: "One to ten ids such as vs_abc, with spaces or commas between them.",
    },
    code_interpreter: {
      label: "Code interpreter",
      hint: "The model writes and runs Python in a container of the endpoint, which is billed by the session.",
      memory_limit: "Memory",
    },
    image_generation: {
      label: "Image generation",
      hint: "The model draws; each picture is billed.",
      quality: "Quality",
      size: "Shape",
    },
    mcp: { label: "MCP", of: label => `MCP: ${label}`, hint: "A server that an admin has set up." },
  },

  schema: {
    title: "Form of the answers",
    example: "Begin with",
    examples: {
      "": "Nothing: answers are free text",
      points: "A summary and its points",
      tasks: "Tasks with names and dates",
      judgement: "A verdict with reasons",
    },
    label: "JSON schema",
    hint: "Every answer is then JSON that fits it. Each object lists all its properties as required and allows no others.",
    notJson: "This is not JSON yet.",
  },

  verdict: {
    fits: "Fits the schema",
    refused: () => "Refused, so without the form",
    cut: () => "Ended early, so it is no whole JSON",
    not_json: () => "No JSON",
    endless: () => "Can't be checked: the schema never ends",
    mismatch: ({ at, rule }) => `Doesn't fit the schema at ${at} (${rule})`,
  },

  tokens: value => plural(value, "token", "tokens"),
  daysLeft: value => (value === 0 ? "expires today" : `${plural(value, "day", "days")} left`),
  openReceipt: "Open the receipt of this answer",

  speech: {
    started: "The answer has started.",
    completed: "The answer is complete.",
    incomplete: "The answer ended early.",
    failed: "The answer failed.",
    cancelled: "The answer was stopped.",
    interrupted: "The answer was interrupted.",
    sent: "Message sent.",
  },

  receipt: {
    title: "Receipt",
    status: "Status",
    responseId: "Response id",
    idNeverLearned: "Never learned",
    previous: "Continues",
    next: "Continued by",
    chainStart: "Nothing, the chain starts here",
    chainEnd: "Nothing yet",
    deployment: "Deployment",
    model: "Model",
    mode: "Mode",
    foreground: "Foreground",
    background: "Background",
    history: "History",
    histories: {
      fresh: "Nothing came before",
      chained: "By previous response id",
      resent: "Sent again in full, as chosen",
      rebuilt: "Sent again in full",
    },
    tokensIn: "Tokens in",
    cached: "of these cached",
    tokensOut: "Tokens out",
    reasoningTokens: "of these reasoning",
    cost: "Cost",
    costUnknown: "No price is set for this deployment",
    estimated: "Estimated: the answer was stopped before the API reported its usage.",
    firstToken: "First token",
    total: "Total time",
    queuedAt: "Asked",
    storedUntil: "Stored until",
    upstream: "Stored upstream",
    erased: "Erased here",
    upstreamStates: {
      not_sent: "Not sent",
      not_learned: "Id never learned",
      stored: "Stored",
      not_stored: "Not stored",
      not_visible: "Not yet visible",
      deleted: "Deleted",
      absent: "Confirmed absent",
      expired: "Expired",
      unknown: "Unknown",
    },
    looked: ({ who, role }) => (role ? `${who}, ${role.toLowerCase()}` : who),
    read: at => `Read ${at}`,
    exported: at => `Exported with the conversation ${at}`,
    copyAs: {
      python: "Copy as Python",
      curl: "Copy as curl",
      note: "Its request, to run elsewhere. Keys and files are left out; their places are marked.",
    },
    nobodyLooked: "Nobody of the desk has read or exported this answer.",
    looksUnknown: "Who has looked can't be told right now.",
    stopped: "Stopped by",
    error: "Error",
    sections: {
      response: "Response",
      chain: "Chain",
      usage: "Usage",
      time: "Time",
      storage: "Storage",
      looks: "Who has looked",
      trouble: "For support",
      copy: "As a program",
    },
    none: "–",
  },

  outbox: {
    waiting: "Not sent yet. It goes out when the connection is back.",
    refused: "Not sent",
  },

  attachments: {
    of: count => plural(count, "file", "files"),
    uploading: name => `Uploading ${name}`,
    remove: name => `Remove ${name}`,
    describe: name => `Describe ${name}`,
    view: name => `View ${name}`,
    gone: "A file that is not here any more",
    attachAddress: "Show the model the picture at this address",
    at: host => `At ${host}; the endpoint fetches it`,
    facts: ({ width, height, pages, bytes }) =>
      [width && `${width} × ${height}`, pages && plural(pages, "page", "pages"), megabytes(bytes)]
        .filter(Boolean)
        .join(" · "),
    details: {
      auto: "As the model likes",
      low: "From afar: quick and cheap",
      high: "Closely: for text in the picture",
    },
    busy: "Files are still on their way.",
    empty: name => `“${name}” is empty.`,
    tooLarge: (name, bytes, limit) =>
      `“${name}” has ${megabytes(bytes)}; the API takes less than ${megabytes(limit)} in a file.`,
    tooMany: limit => `A message takes ${limit} files at once. Send the rest in the next.`,
    tooLargeTogether: (bytes, limit) =>
      `With this one the files have ${megabytes(bytes)}; the API takes less than ${megabytes(limit)} in a message.`,
  },

  gauge: {
    of: "Share of the context that is used",
    label: percent => `Context: ${percent} % full`,
    title: percent => `The context is ${percent} % full`,
    conversation: "Conversation",
    draft: "Your draft",
    room: "The model reads at most",
    how: {
      usage: "In tokens, as the API counted them with the newest answer.",
      api: "In tokens, counted by the API just now.",
      estimate: "In tokens, estimated: what came last was not counted by the API.",
    },
    counting: "The API is counting…",
    window: (window, kept) =>
      `Of the model's window of ${window.toLocaleString()} tokens, ${kept.toLocaleString()} are for the answer.`,
    overflows: "When it is full, a message is refused.",
    compacts: tokens =>
      `Above ${tokens.toLocaleString()} tokens the API compacts the conversation: the model goes on with what is essential.`,
    leavesOut: "When it is full, the model no longer reads the oldest messages.",
    nearlyFull: percent => `This conversation fills ${percent} % of what the model can read.`,
    full: "With this message the conversation is longer than the model can read.",
    over: "This conversation is longer than the model can read.",
    compact: "Compact it when needed",
    leaveOut: "Leave out the oldest",
    leaveOutAndRetry: "Leave out the oldest and try again",
    newConversation: "New conversation",
    nowCompacts: "From the next message on, the API compacts this conversation when it gets long.",
    nowLeavesOut: "From the next message on, the oldest are left out when it gets too long.",
  },

  composer: {
    left: count => `${plural(count, "character", "characters")} left`,
    over: count => `${plural(count, "character", "characters")} too many. Shorten the message to send it.`,
  },

  connection: {
    retryIn: seconds => `Reconnecting in ${seconds} s. Your text is safe.`,
    retryNow: "Reconnecting. Your text is safe.",
    back: "Connected again.",
    offline: "You are offline. Your text is safe and will be sent when you are back.",
    signedOut: "You are signed out. Your text is safe on this device.",
    logIn: "Log in again",
    forbidden: "You no longer have access to this conversation. What you typed is kept.",
    shut: "Nothing can be sent here any more. Start a new conversation with it.",
    deleted: "This conversation was deleted.",
    typedIsKept: "What you typed is kept for a new one.",
    missing: "This conversation does not exist, or you may not see it.",
    tryNow: "Try now",
    newConversation: "Start a new one",
  },

  threads: {
    today: "Today",
    yesterday: "Yesterday",
    week: "Last 7 days",
    month: "Last 30 days",
    none: "No conversations yet.",
    noneArchived: "Nothing is archived.",
    noneFound: query => `No title contains “${query}”.`,
    failed: "The list could not be loaded.",
    more: "Show more",
    running: "An answer is being written",
    sharedBy: name => `Shared by ${name}`,
    actions: title => `Actions for ${title}`,
    rename: "Rename",
    archive: "Archive",
    unarchive: "Unarchive",
    archived: title => `“${title}” is archived.`,
    unarchived: title => `“${title}” is back in the list.`,
    copyLink: "Copy link",
  },

  deleting: {
    delete: "Delete",
    what: title => `Delete “${title}”?`,
    deleted: (title, until) => `“${title}” is deleted. Until ${until} it can be restored on your data page.`,
    deletedForGood: title => `“${title}” is deleted.`,
    restored: title => `“${title}” is back.`,
    failed: "The conversation was not deleted.",
  },

  exports: {
    export: "Export",
    later: "This is a large one. It is being prepared and will be on your data page.",
    myData: "My data",
    failed: "The conversation was not exported.",
  },

  sharing: {
    private: "Only me",
    privateIn: team => `Only me (${team})`,
    team: team => `Shared with ${team}`,
    nowPrivate: "Only you can see this conversation now.",
    nowShared: team => `Everyone in ${team} can see this conversation now.`,
  },

  kept: {
    notStoredShort: "Not stored upstream",
    notStored:
      "Your team keeps nothing upstream: every message sends the whole conversation again, which costs more the longer it is, and answers can't run in the background.",
    deletedShort: days => (days === 1 ? "1 day upstream" : `${days} days upstream`),
    deletedAfter: days =>
      `Answers are deleted upstream ${days === 1 ? "1 day" : `${days} days`} after they were given.`,
    erasedAfter: days =>
      `Answers are deleted upstream, and erased here, ${days === 1 ? "1 day" : `${days} days`} after they were given.`,
    heldShort: "Held",
    held: "Something here is held: nothing deletes it, neither upstream nor here, until the hold ends.",
  },

  background: {
    deployment: isOn => `As the deployment says (${isOn ? "on" : "off"})`,
    yes: "Yes: goes on upstream if our worker dies; the first word may come later",
    no: "No",
  },

  theme: {
    system: "Theme: as the system",
    light: "Theme: light",
    dark: "Theme: dark",
  },

  welcome: {
    where: (host, days) =>
      `Your messages go to ${host}. Answers are stored there for ${plural(days, "day", "days")}, and here until you or your team delete them.`,
    notStored: host =>
      `Your messages go to ${host}. Answers are kept here until you or your team delete them.`,
  },

  errors: {
    network: "The server could not be reached. Check the connection and try again.",
    unexpected: "The server answered in an unexpected way. Try again in a moment.",
    signedOut: "You are signed out. Log in again.",
    notSaved: "The change was not saved.",
  },

  desk: {
    refused: "This row can't be shown here. Open its page to see why.",
    signedOut: "You are signed out. Log in again to go on.",
    unreachable: "The server did not answer. Try again in a moment.",
  },
};
