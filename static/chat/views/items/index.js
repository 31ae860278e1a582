/**
 * How the items of each type are described: pure functions of an item, which take whatever a server says.
 *
 * Below a call that waits for a person here stands what is to be decided: see VIEWS in ../items.js.
 */

import { calledHere } from "./called.js";
import { applyPatch, codeInterpreter, localShell, program, shellCall, shellOutput } from "./code.js";
import { imageGeneration } from "./drawing.js";
import { mcpApprovalResponse, mcpCall, mcpListTools } from "./mcp.js";
import { compaction, computerCall, customCall, toolOutput, toolSearch, unknown } from "./others.js";
import { fileSearch, webSearch } from "./searches.js";

const DESCRIPTIONS = new Map(
  Object.entries({
    web_search_call: webSearch,
    file_search_call: fileSearch,
    code_interpreter_call: codeInterpreter,
    image_generation_call: imageGeneration,
    mcp_list_tools: mcpListTools,
    mcp_call: mcpCall,
    mcp_approval_request: calledHere,
    mcp_approval_response: mcpApprovalResponse,
    function_call: calledHere,
    function_call_output: toolOutput,
    custom_tool_call: customCall,
    custom_tool_call_output: toolOutput,
    computer_call: computerCall,
    computer_call_output: toolOutput,
    local_shell_call: localShell,
    local_shell_call_output: shellOutput,
    shell_call: shellCall,
    shell_call_output: shellOutput,
    apply_patch_call: applyPatch,
    apply_patch_call_output: shellOutput,
    tool_search_call: toolSearch,
    tool_search_output: toolSearch,
    additional_tools: toolSearch,
    program,
    program_output: shellOutput,
    compaction,
  }),
);

/**
 * @param {object} item
 * @param {{response: object, state: string}} about
 * @returns {import("../step.js").Description}
 */
export const describe = (item, about) => (DESCRIPTIONS.get(item.type) ?? unknown)(item, about);
