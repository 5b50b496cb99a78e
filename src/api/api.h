/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_API_H
#define JT_API_API_H

#include "http/op.h"

/* Every operation, NULL-terminated: what `jeton serve` answers, and what openapi.yaml is held against. Each file of this room
 * has its own table, one resource each. */
const struct jt_op *const *jt_api_ops(void);

extern const struct jt_op jt_api_account[];     /* account.c: /user, /user/token/... */
extern const struct jt_op jt_api_session[];     /* session.c: /session, /sessions */
extern const struct jt_op jt_api_credentials[]; /* credentials.c: /user/password, /user/second_factor */
extern const struct jt_op jt_api_org[];         /* org.c: O, O/owner, my_scopes */
extern const struct jt_op jt_api_tokens[];      /* tokens.c: O/roles, O/tokens... */
extern const struct jt_op jt_api_catalogue[];   /* catalogue.c: O/catalogue */
extern const struct jt_op jt_api_roles[];       /* roles.c: O/rbac/roles, scopes */
extern const struct jt_op jt_api_users[];       /* users.c: O/rbac/users */
extern const struct jt_op jt_api_saml[];        /* saml.c: O/saml/... */
extern const struct jt_op jt_api_invitations[]; /* invitations.c */
extern const struct jt_op jt_api_teams[];       /* teams.c */
extern const struct jt_op jt_api_apps[];        /* apps.c */
extern const struct jt_op jt_api_audit[];       /* audit.c */
extern const struct jt_op jt_api_verify[];      /* verify.c: /verify */
extern const struct jt_op jt_api_introspect[];  /* introspect.c: /oauth/introspect */
extern const struct jt_op jt_api_oauth[];       /* oauth.c: /oauth/revoke, /.well-known/... */
extern const struct jt_op jt_api_explain[];     /* explain.c */
extern const struct jt_op jt_api_web[];         /* web.c: the dashboard's page and files */

#endif
