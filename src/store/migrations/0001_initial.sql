-- SPDX-License-Identifier: Apache-2.0
-- Times are integer nanoseconds (_ns) or seconds (_s) UTC; ids are 16 bytes; booleans are 0 or 1.
-- Every key starts with the org, except in the small directory tables (org, link) and the deployment's own (meta, head, scope).

CREATE TABLE meta (
  key TEXT COLLATE "C" PRIMARY KEY,
  value TEXT NOT NULL
) /*sqlite: STRICT, WITHOUT ROWID*/;

-- The order of changes: its row lock is held until a commit is visible.
CREATE TABLE head (
  shard BIGINT PRIMARY KEY,
  seq BIGINT NOT NULL,
  nonce BIGINT NOT NULL
) /*sqlite: STRICT*/;

CREATE TABLE change (
  shard BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  n BIGINT NOT NULL,
  nonce BIGINT NOT NULL,
  org BYTEA NOT NULL,
  noun BIGINT NOT NULL,
  key BYTEA NOT NULL,
  PRIMARY KEY (shard, seq, n)
) /*sqlite: STRICT, WITHOUT ROWID*/;

-- A scope's bit is given once and never reused.
CREATE TABLE scope (
  bit BIGINT PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL UNIQUE
) /*sqlite: STRICT*/;

CREATE TABLE org (
  id BYTEA PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  slug TEXT COLLATE "C" NOT NULL UNIQUE,
  owner BYTEA NOT NULL,
  active BIGINT NOT NULL,
  created_ns BIGINT NOT NULL,
  audit_seq BIGINT NOT NULL,
  audit_mac BYTEA NOT NULL
) /*sqlite: STRICT, WITHOUT ROWID*/;

CREATE TABLE org_limit (
  org BYTEA NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  kind TEXT COLLATE "C" NOT NULL,
  max_token_s BIGINT NOT NULL,
  PRIMARY KEY (org, kind)
) /*sqlite: STRICT, WITHOUT ROWID*/;

CREATE TABLE account (
  org BYTEA NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  id BYTEA NOT NULL,
  email TEXT COLLATE "C" NOT NULL,
  email_fold TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  name_fold TEXT COLLATE "C" NOT NULL,
  role BYTEA NOT NULL,
  password TEXT COLLATE "C",
  password_own BIGINT NOT NULL, -- 1: the user set it; 0: somebody else did, or nobody
  disabled BIGINT NOT NULL,
  joined_ns BIGINT NOT NULL,
  login_ns BIGINT,
  PRIMARY KEY (org, id),
  UNIQUE (org, email_fold)
) /*sqlite: STRICT, WITHOUT ROWID*/;
CREATE INDEX account_name ON account (org, name_fold, id);
CREATE INDEX account_role ON account (org, role);

CREATE TABLE role (
  org BYTEA NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  id BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  name_fold TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C" NOT NULL,
  for_teams BIGINT NOT NULL,   -- 1: role_type team; 0: organization
  reach_teams BIGINT NOT NULL, -- 1: reach teams; 0: org
  scopes TEXT COLLATE "C" NOT NULL, -- names, sorted, one space between
  created_ns BIGINT NOT NULL,
  PRIMARY KEY (org, id),
  UNIQUE (org, name_fold)
) /*sqlite: STRICT, WITHOUT ROWID*/;

CREATE TABLE team (
  org BYTEA NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  id BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  name_fold TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  created_ns BIGINT NOT NULL,
  PRIMARY KEY (org, id),
  UNIQUE (org, name_fold)
) /*sqlite: STRICT, WITHOUT ROWID*/;

CREATE TABLE member (
  org BYTEA NOT NULL,
  team BYTEA NOT NULL,
  account BYTEA NOT NULL,
  role BYTEA NOT NULL,
  PRIMARY KEY (org, team, account),
  FOREIGN KEY (org, team) REFERENCES team (org, id) ON DELETE CASCADE,
  FOREIGN KEY (org, account) REFERENCES account (org, id) ON DELETE CASCADE
) /*sqlite: STRICT, WITHOUT ROWID*/;
CREATE INDEX member_account ON member (org, account, team);
CREATE INDEX member_role ON member (org, role);

-- team is cleared by the store when a team goes (SET NULL would clear org too).
CREATE TABLE app (
  org BYTEA NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  team BYTEA,
  base_branch TEXT COLLATE "C" NOT NULL,
  created_ns BIGINT NOT NULL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, team) REFERENCES team (org, id)
) /*sqlite: STRICT, WITHOUT ROWID*/;
CREATE INDEX app_team ON app (org, team, id);

-- A personal token is listed = 0 and is never in a list. A revoked token keeps its row and is listed = 0 too.
CREATE TABLE token (
  org BYTEA NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  id BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  account BYTEA,
  role BYTEA,
  label TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C" NOT NULL,
  token_type TEXT COLLATE "C" NOT NULL,
  limited BIGINT NOT NULL,
  listed BIGINT NOT NULL,
  created_ns BIGINT NOT NULL,
  created_by BYTEA,       -- the user who made it
  created_by_token BYTEA, -- the token that made it
  expires_s BIGINT,       -- of the current value; NULL: never
  lifetime_s BIGINT,      -- what it was issued for, which starts again when it is rotated; NULL: no end
  revoked_ns BIGINT,
  sealed BYTEA,           -- the personal token's value, sealed
  PRIMARY KEY (org, id)
) /*sqlite: STRICT, WITHOUT ROWID*/;
CREATE INDEX token_listed ON token (org, listed, created_ns, id);
CREATE INDEX token_account ON token (org, account) WHERE account IS NOT NULL;
CREATE INDEX token_by ON token (org, created_by, listed, created_ns, id) WHERE created_by IS NOT NULL;
CREATE INDEX token_by_token ON token (org, created_by_token, listed, created_ns, id) WHERE created_by_token IS NOT NULL;
CREATE INDEX token_role ON token (org, role, listed) WHERE role IS NOT NULL;

-- gen counts the values a token has had; at most two rows live at once.
CREATE TABLE token_value (
  org BYTEA NOT NULL,
  token BYTEA NOT NULL,
  gen BIGINT NOT NULL,
  digest BYTEA NOT NULL,
  expires_s BIGINT,
  PRIMARY KEY (org, token, gen),
  FOREIGN KEY (org, token) REFERENCES token (org, id) ON DELETE CASCADE
) /*sqlite: STRICT, WITHOUT ROWID*/;

CREATE TABLE token_team (
  org BYTEA NOT NULL,
  token BYTEA NOT NULL,
  team BYTEA NOT NULL,
  PRIMARY KEY (org, token, team),
  FOREIGN KEY (org, token) REFERENCES token (org, id) ON DELETE CASCADE,
  FOREIGN KEY (org, team) REFERENCES team (org, id) ON DELETE CASCADE
) /*sqlite: STRICT, WITHOUT ROWID*/;
CREATE INDEX token_team_team ON token_team (org, team);

-- A pending invitation. Its link is in `link`.
CREATE TABLE invitation (
  org BYTEA NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  id BYTEA NOT NULL,
  email TEXT COLLATE "C" NOT NULL,
  email_fold TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  role BYTEA NOT NULL,
  invited_by BYTEA NOT NULL,  -- the token whose holder must still be able to
  created_ns BIGINT NOT NULL,
  PRIMARY KEY (org, id),
  UNIQUE (org, email_fold)
) /*sqlite: STRICT, WITHOUT ROWID*/;
CREATE INDEX invitation_age ON invitation (org, created_ns);

-- Links work once: only SHA-256 of the 256-bit secret is here. One a purpose and target: the next replaces it.
CREATE TABLE link (
  hash BYTEA PRIMARY KEY,
  org BYTEA NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  purpose TEXT COLLATE "C" NOT NULL, -- invitation, setup, reset
  target BYTEA NOT NULL,             -- the invitation or the account
  expires_s BIGINT NOT NULL,
  UNIQUE (org, purpose, target)
) /*sqlite: STRICT, WITHOUT ROWID*/;
CREATE INDEX link_age ON link (org, expires_s);

CREATE TABLE idempotency (
  org BYTEA NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  caller BYTEA NOT NULL,
  method TEXT COLLATE "C" NOT NULL,
  path TEXT COLLATE "C" NOT NULL,
  key_hash BYTEA NOT NULL,
  body_hash BYTEA NOT NULL,
  created_s BIGINT NOT NULL,
  status BIGINT NOT NULL,
  answer BYTEA NOT NULL,    -- the body; sealed if it holds a secret
  secret BIGINT NOT NULL,
  token BYTEA,              -- the token whose secret it is
  PRIMARY KEY (org, caller, method, path, key_hash)
) /*sqlite: STRICT, WITHOUT ROWID*/;
CREATE INDEX idempotency_age ON idempotency (org, created_s);

-- The chain: mac covers every other column and the mac of the row before (doc/formats/audit.md).
CREATE TABLE audit (
  org BYTEA NOT NULL REFERENCES org (id) ON DELETE CASCADE,
  seq BIGINT NOT NULL,
  time_ns BIGINT NOT NULL,
  actor TEXT COLLATE "C" NOT NULL,   -- token, operator, link, system
  token BYTEA,
  account BYTEA,
  address TEXT COLLATE "C" NOT NULL,
  request TEXT COLLATE "C" NOT NULL,
  operation TEXT COLLATE "C" NOT NULL,
  target_type TEXT COLLATE "C" NOT NULL,
  target TEXT COLLATE "C" NOT NULL,
  detail TEXT COLLATE "C" NOT NULL,  -- what changed, as JSON
  outcome TEXT COLLATE "C" NOT NULL, -- ok, or the code of the refusal
  folded BIGINT NOT NULL,            -- how many alike this row stands for
  key_gen BIGINT NOT NULL,
  mac BYTEA NOT NULL,
  PRIMARY KEY (org, seq)
) /*sqlite: STRICT, WITHOUT ROWID*/;
CREATE INDEX audit_time ON audit (org, time_ns, seq);
