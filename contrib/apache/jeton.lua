-- SPDX-License-Identifier: Apache-2.0
-- An access checker for mod_lua: asks Jeton whether the Authorization of this request may do what JETON_SCOPE says.
-- Reads the variables JETON_SOCKET, JETON_ORG and JETON_SCOPE; sets JETON_VERIFIED, which apache2.conf requires, and the
-- X-Jeton-* headers. Needs Debian's lua-socket. Every return is a number: mod_lua takes anything else for "no opinion".

local connect = require("socket.unix").stream

local WAIT_S = 2
local HEADERS_MAX = 64
local NAMES = { "Token-Id", "Kind", "Org", "User", "Scopes", "Teams" }

-- The status (a number) and the headers (names in lower case) that Jeton answered; nil for anything that is no answer.
local function ask(socket_path, target, authorization, address)
    local lines = { "GET " .. target .. " HTTP/1.1", "Host: jeton", "Connection: close", "X-Forwarded-For: " .. address }
    if authorization and not authorization:find("%c") then
        lines[#lines + 1] = "Authorization: " .. authorization
    end
    local socket = connect()
    socket:settimeout(WAIT_S, "t")
    if not socket:connect(socket_path) or not socket:send(table.concat(lines, "\r\n") .. "\r\n\r\n") then
        socket:close()
        return nil
    end
    local status, headers, ended = (socket:receive("*l") or ""):match("^HTTP/1%.[01] (%d%d%d) "), {}, false
    for _ = 1, status and HEADERS_MAX or 0 do
        local line = socket:receive("*l")
        if not line or line == "" then
            ended = line ~= nil
            break
        end
        local name, value = line:match("^([^:%s]+):%s*(.-)%s*$")
        if name then
            headers[name:lower()] = value
        end
    end
    socket:close()
    if not ended then
        return nil
    end
    return tonumber(status), headers
end

-- The client's go, however they are spelt: some programs read X_Jeton_Org as X-Jeton-Org.
local function forget_forged(r)
    for name in pairs(r:headers_in_table()) do
        if name:lower():find("jeton", 1, true) then
            r.headers_in[name] = nil
        end
    end
end

local function decide(r)
    local env = r.subprocess_env
    forget_forged(r)
    if (r.headers_in["Connection"] or ""):lower():find("jeton", 1, true) then
        return 400 -- mod_proxy would drop what it names
    end
    if (env["JETON_SCOPE"] or "") == "" then
        return 404
    end
    local target = "/verify?org=" .. env["JETON_ORG"] .. "&scope=" .. env["JETON_SCOPE"]
    local status, headers = ask(env["JETON_SOCKET"], target, r.headers_in["Authorization"], r.useragent_ip)
    if status == 401 or status == 403 then
        r.err_headers_out["WWW-Authenticate"] = headers["www-authenticate"] or "Bearer"
        return status
    end
    if status ~= 204 or (headers["x-jeton-token-id"] or "") == "" then
        return 503
    end
    for _, name in ipairs(NAMES) do
        r.headers_in["X-Jeton-" .. name] = headers["x-jeton-" .. name:lower()] or ""
    end
    env["JETON_VERIFIED"] = "1"
    return 0
end

function jeton_verify(r)
    local ok, status = pcall(decide, r)
    if not ok then
        r:err("jeton: " .. tostring(status))
        status = 503
    end
    if status == 503 then
        r.err_headers_out["Retry-After"] = "1"
    end
    return status
end
