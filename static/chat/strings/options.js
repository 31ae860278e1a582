/** What is said of the choices of a conversation. */

export const options = {
  parameters: {
    more: "More",
    reset: "Reset to what is usual",
    usual: "As usual",
    leaveOut: name => `Leave out “${name}” and try again`,
    leaveOutAndSend: name => `Leave out “${name}” and send`,
    tools: { label: "Tools" },
    keep: {
      label: "How turns are kept upstream",
      usual: keep => `As the deployment says: ${options.parameters.keep.values[keep].toLowerCase()}`,
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

  background: {
    deployment: isOn => `As the deployment says (${isOn ? "on" : "off"})`,
    yes: "Yes: goes on upstream if our worker dies; the first word may come later",
    no: "No",
  },
};
