-- SPDX-License-Identifier: Apache-2.0
-- For wrk: each request creates a CI token; ends with the number of answers that were not 200.
local refused = 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("JETON_TOKEN")
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = '{"label":"bench","role_id":"66ad5168-41be-4b6c-9ac5-a30b02229c35","valid_for_seconds":2592000}'
  wrong = 0
end

function response(status)
  if status ~= 200 then
    wrong = wrong + 1
  end
end

function done(summary, latency)
  for _, thread in ipairs(threads) do
    refused = refused + thread:get("wrong")
  end
  print(string.format('JSON {"requests":%d,"microseconds":%d,"wrong":%d,"errors":%d,"p50_us":%d,"p99_us":%d}',
    summary.requests, summary.duration, refused, summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.timeout, latency:percentile(50), latency:percentile(99)))
end
