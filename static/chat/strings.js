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
    queued: "Queued",
    thinking: "Thinking",
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

  messageErased: "This message was erased",
  answerErased: date => `The words of this answer were erased on ${date}`,

  parameters: {
    more: "More",
    reset: "Reset to what is usual",
    usual: "As usual",
    leaveOut: name => `Leave out “${name}” and try again`,
    leaveOutAndSend: name => `Leave out “${name}” and send`,
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
