-- SPDX-License-Identifier: Apache-2.0
-- What lists of tokens walk (src/store/token_walk.c): an index for each order and for each filter, so that no list sorts and none
-- costs more the deeper it is. Those of the two commonest orders also hold what most lists drop rows by, so that a row that is
-- dropped need not be read.
ALTER TABLE token ADD COLUMN label_fold TEXT COLLATE "C" NOT NULL DEFAULT ''; -- the label as jt_text_fold makes it
UPDATE token SET label_fold = lower(label);
DROP INDEX token_listed;
DROP INDEX token_role;
CREATE INDEX token_listed ON token (org, listed, created_ns, id, expires_s, label_fold);
CREATE INDEX token_label ON token (org, listed, label_fold, id, expires_s);
CREATE INDEX token_expires ON token (org, listed, expires_s, id, label_fold);
CREATE INDEX token_role ON token (org, role, listed, created_ns, id) WHERE role IS NOT NULL;
CREATE INDEX token_kind ON token (org, kind, listed, created_ns, id);

-- What a user's own token is found by: all of it, else SQLite takes the tokens of the org to be fewer.
DROP INDEX token_account;
CREATE INDEX token_account ON token (org, account, kind, revoked_ns) WHERE account IS NOT NULL;
-- The same of whether a user has a role in a team.
DROP INDEX member_role;
CREATE INDEX member_role ON member (org, role, account);

-- A token that is listed has a row from its making on: one that was never used stands at last_used_s = 0 in the order of last use,
-- and what was revoked, or is nobody's to list, is not in the way.
ALTER TABLE token_usage ADD COLUMN listed BIGINT NOT NULL DEFAULT 0; -- as in token
INSERT INTO token_usage (org, token, uses, last_used_s, scopes_0, scopes_1, scopes_2, scopes_3, scopes_4, scopes_5, scopes_6,
  scopes_7, listed)
  SELECT token.org, token.id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 FROM token WHERE token.listed = 1
  ON CONFLICT (org, token) DO UPDATE SET listed = 1;
CREATE INDEX token_usage_last ON token_usage (org, listed, last_used_s, token);
