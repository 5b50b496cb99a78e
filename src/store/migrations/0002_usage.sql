-- SPDX-License-Identifier: Apache-2.0
-- What was recorded of each token's use. Lower bounds (doc/formats/usage.md). Scopes by bit, which are given once and never reused
-- (table scope): 64 in each column, from bit 0; so a set is united with another within one statement.
CREATE TABLE token_usage (
  org BYTEA NOT NULL,
  token BYTEA NOT NULL,
  uses BIGINT NOT NULL,
  last_used_s BIGINT NOT NULL, -- a whole minute
  scopes_0 BIGINT NOT NULL,
  scopes_1 BIGINT NOT NULL,
  scopes_2 BIGINT NOT NULL,
  scopes_3 BIGINT NOT NULL,
  scopes_4 BIGINT NOT NULL,
  scopes_5 BIGINT NOT NULL,
  scopes_6 BIGINT NOT NULL,
  scopes_7 BIGINT NOT NULL,
  PRIMARY KEY (org, token),
  FOREIGN KEY (org, token) REFERENCES token (org, id) ON DELETE CASCADE
) /*sqlite: STRICT, WITHOUT ROWID*/;
