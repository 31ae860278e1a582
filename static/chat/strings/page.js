/** What is said around the answers: messages, conversations, the connection, the page. */

import { megabytes, plural } from "./counting.js";

export const page = {
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
    asks: "Waits for somebody’s word",
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
