-- SPDX-License-Identifier: Apache-2.0
-- The reference journey for wrk: BENCH_JOURNEYS of them by BENCH_AT_ONCE threads. A thread has one connection and a Lua of its own, so
-- it is one visitor after the other. wrk asks for a request when it likes, also to look at it: only an answer leads on.
local form = { ["Content-Type"] = "application/x-www-form-urlencoded" }
local json = { ["Content-Type"] = "application/json" }
local steps = {
   { "GET", "/login", 200 },
   { "POST", "/session", 200, form, "email=shopper%%40example.com&password=benchmark&csrf_token=%s" },
   { "GET", "/api/products/42", 200 },
   { "POST", "/api/cart", 201, json, '{"sku":"MUG-42","quantity":1}' },
   { "GET", "/api/cart", 200 },
   { "POST", "/api/checkout", 201, json, '{"mode":"test"}' },
}
local threads = tonumber(os.getenv("BENCH_AT_ONCE"))
local left = os.getenv("BENCH_JOURNEYS") / threads
local at, token, cookie = 1, nil, nil

local function give_up(why)
   io.stderr:write(steps[at][2], ": ", why, "\n")
   os.exit(1)
end

-- wrk sleeps until its time is over, whatever its threads do. The last of them that is back wakes it; they count in a file. Again and
-- again, as wrk may not have fallen asleep yet; by popen, as wrk would be deaf to the signal during os.execute.
local wake = "while kill -INT $PPID; do sleep 0.1; done >/dev/null 2>&1 &"
local function come_back()
   wrk.thread:stop()
   local back = io.open(os.getenv("BENCH_BACK"), "a")
   back:write(".")
   back:flush()
   if back:seek("end") == threads then io.popen(wake):close() end
end

function request()
   local method, path, _, headers, body = unpack(steps[at])
   local all = { Cookie = cookie }
   for name, value in pairs(headers or {}) do all[name] = value end
   if at == #steps then all["Connection"] = "close" end -- the next visitor has a connection of their own
   if path == "/session" then body = body:format(token) end
   return wrk.format(method, path, all, body)
end

function response(status, headers, body)
   if status ~= steps[at][3] then give_up("status " .. status) end
   if steps[at][2] == "/login" then
      token = body:match('name="csrf_token" value="([^"]+)"') or give_up("no token")
   elseif steps[at][2] == "/session" then
      cookie = (headers["Set-Cookie"] or give_up("no cookie")):match("^[^;]+")
   elseif at == #steps then
      cookie = nil
      left = left - 1
      if left == 0 then come_back() end
   end
   at = at % #steps + 1
end
