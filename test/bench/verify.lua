-- SPDX-License-Identifier: Apache-2.0
-- For wrk: each request brings one of the values in the file JETON_VALUES, at random, as its bearer token, or, where JETON_BODY
-- is set, as the `token` of a form that JETON_TOKEN may post. Nothing looks at single answers: wrk itself counts those that are
-- errors, and the faster it is the busier is the server.
local requests = {}

function init(args)
  for value in io.lines(os.getenv("JETON_VALUES")) do
    if os.getenv("JETON_BODY") then
      requests[#requests + 1] = wrk.format("POST", nil, {
        ["Authorization"] = "Bearer " .. os.getenv("JETON_TOKEN"),
        ["Content-Type"] = "application/x-www-form-urlencoded"
      }, "token=" .. value)
    else
      requests[#requests + 1] = wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. value })
    end
  end
end

function request()
  return requests[math.random(#requests)]
end

function done(summary, latency)
  print(string.format('JSON {"requests":%d,"microseconds":%d,"wrong":%d,"errors":%d,"p50_us":%d,"p99_us":%d}',
    summary.requests, summary.duration, summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.timeout, latency:percentile(50), latency:percentile(99)))
end
