-- SPDX-License-Identifier: Apache-2.0
-- Who is signed in to the dashboard. A directory table, found by SHA-256 of the cookie's value, which is not here.
CREATE TABLE session (
  hash BYTEA PRIMARY KEY,
  org BYTEA NOT NULL,
  id BYTEA NOT NULL,
  account BYTEA NOT NULL,
  created_ns BIGINT NOT NULL,
  seen_ns BIGINT NOT NULL,     -- some minutes behind at most
  expires_s BIGINT NOT NULL,
  confirmed_s BIGINT NOT NULL, -- when the password was last given
  address TEXT COLLATE "C" NOT NULL,
  agent TEXT COLLATE "C" NOT NULL,
  FOREIGN KEY (org, account) REFERENCES account (org, id) ON DELETE CASCADE
) /*sqlite: STRICT, WITHOUT ROWID*/;
CREATE UNIQUE INDEX session_account ON session (org, account, created_ns, id);
CREATE INDEX session_age ON session (expires_s);

-- A second factor (RFC 6238), sealed under the key file. One that is being set up is in `pending` until its first code was shown.
CREATE TABLE factor (
  org BYTEA NOT NULL,
  account BYTEA NOT NULL,
  enrolled BIGINT NOT NULL, -- 1: `secret` is in force
  secret BYTEA,
  pending BYTEA,
  last_step BIGINT NOT NULL, -- the newest step whose code was taken: no code is taken twice
  PRIMARY KEY (org, account),
  FOREIGN KEY (org, account) REFERENCES account (org, id) ON DELETE CASCADE
) /*sqlite: STRICT, WITHOUT ROWID*/;

-- Codes for who lost the second factor: SHA-256 of each that is not spent.
CREATE TABLE recovery_code (
  org BYTEA NOT NULL,
  account BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (org, account, hash),
  FOREIGN KEY (org, account) REFERENCES factor (org, account) ON DELETE CASCADE
) /*sqlite: STRICT, WITHOUT ROWID*/;

ALTER TABLE org ADD COLUMN require_factor BIGINT NOT NULL DEFAULT 0;
