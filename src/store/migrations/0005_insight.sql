-- SPDX-License-Identifier: Apache-2.0
-- When and from where each token was used, as far back as it is kept (store/trace.h); NULL: nothing is known.
ALTER TABLE token_usage ADD COLUMN trace BYTEA;

-- How much the tokens of each kind were used on each of the last days UTC, since 1970. A lower bound.
CREATE TABLE org_usage (
  org BYTEA NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  day BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  uses BIGINT NOT NULL,
  PRIMARY KEY (org, day, kind)
) /*sqlite: STRICT, WITHOUT ROWID*/;
