-- Answers JSON lines by calling the functions of a module; its arguments are the folder of the compiled code and that module.
-- ["table", documents] sets the table; ["matches", answers] says what PCRE2 does, which LuaJIT alone has not;
-- [function, [arguments, ...]] calls the function once per list of arguments.
package.path = arg[1] .. '/?.lua;' .. package.path
local cjson = require('cjson')
local answers = require(arg[2])
local documents = {}

-- As in src/edge/table.ts, over decoded documents.
local table_of_documents = {
  host = function(_, name) return documents['h:' .. name] end,
  wildcard = function(_, parent) return documents['w:' .. parent] end,
  defaultHost = function() return documents['h:_'] end,
  names = function() return documents['n:names'] end,
  patternHost = function(_, host) return documents['p:' .. host] end,
  upstream = function(_, key) return documents['u:' .. key] end,
}

local function optional(value)
  if value == cjson.null then return nil end
  return value
end

local function call(name, calls)
  local results = {}
  for i, a in ipairs(calls) do
    results[i] = answers[name](table_of_documents, optional(a[1]), optional(a[2]), optional(a[3]), optional(a[4]))
  end
  return results
end

io.stdout:setvbuf('full')
for line in io.lines() do
  local request = cjson.decode(line)
  local answer
  if request[1] == 'table' then
    documents = request[2]
    answer = { jit and jit.version or _VERSION }
  elseif request[1] == 'matches' then
    answers.setMatches(request[2])
    answer = { 'known' }
  else
    local fine, result = pcall(call, request[1], request[2])
    answer = fine and result or { error = tostring(result) }
  end
  io.write(cjson.encode(answer), '\n')
  io.flush()
end
