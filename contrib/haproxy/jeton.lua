-- SPDX-License-Identifier: Apache-2.0
-- http-request lua.jeton_verify SOCKET ORG: asks Jeton at the unix socket whether the Authorization of this request may do
-- what txn.jeton_scope says. Sets txn.jeton_status ("204", "401", "403"; unset when there is no answer to rely on),
-- txn.jeton_challenge, and for 204 txn.jeton_token_id, _kind, _org, _user, _scopes, _teams.
-- HAProxy goes on to the next rule when this fails in whatever way: the rules must let pass on "204" only, as haproxy.cfg does.

local WAIT_S = 2
local HEADERS_MAX = 64
local NAMES = { "token-id", "kind", "org", "user", "scopes", "teams" }

-- The status (a string) and the headers (names in lower case) that Jeton answered; nil for anything that is no answer.
local function ask(socket_path, target, authorization, address)
    local lines = { "GET " .. target .. " HTTP/1.1", "Host: jeton", "Connection: close", "X-Forwarded-For: " .. address }
    if authorization then
        lines[#lines + 1] = "Authorization: " .. authorization
    end
    local socket = core.tcp()
    socket:settimeout(WAIT_S)
    if not socket:connect("unix@" .. socket_path) or not socket:send(table.concat(lines, "\r\n") .. "\r\n\r\n") then
        socket:close()
        return nil
    end
    local status, headers, ended = (socket:receive("*l") or ""):match("^HTTP/1%.[01] (%d%d%d) "), {}, false
    for _ = 1, status and HEADERS_MAX or 0 do
        local line = socket:receive("*l")
        if not line or line:match("^\r?$") then
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
    return status, headers
end

core.register_action("jeton_verify", { "http-req" }, function(txn, socket_path, org)
    local target = "/verify?org=" .. org .. "&scope=" .. txn:get_var("txn.jeton_scope")
    local authorization = txn.http:req_get_headers()["authorization"]
    local status, headers = ask(socket_path, target, authorization and authorization[0], txn.f:src())
    if status == "401" or status == "403" then
        txn:set_var("txn.jeton_challenge", headers["www-authenticate"] or "Bearer")
    elseif status == "204" and (headers["x-jeton-token-id"] or "") ~= "" then
        for _, name in ipairs(NAMES) do
            txn:set_var("txn.jeton_" .. name:gsub("-", "_"), headers["x-jeton-" .. name] or "")
        end
    else
        return
    end
    txn:set_var("txn.jeton_status", status)
end, 2)
