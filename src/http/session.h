/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_SESSION_H
#define JT_HTTP_SESSION_H

#include "http/request.h"

/* The cookie of a session as a credential, and what a request that changes something must show beside it (doc/formats/http.md). */

#define JT_SESSION_COOKIE "__Host-jeton" /* no other host, subdomain or path can set or get it (RFC 6265bis, 4.1.3.2) */

/* Does the operation look at the cookie, and is there one? */
bool jt_session_presented(const struct jt_http_request *r);
/* Who the cookie says they are: call.who, call.session, call.csrf. JT_UNAUTHENTICATED, JT_STALE; JT_BAD_REQUEST for two credentials;
 * JT_CSRF_REFUSED for a change that did not come from a page of ours. */
JT_MUST_USE enum jt_result jt_session_admit(struct jt_http_request *r);
/* The same session as `db` has it now. JT_UNAUTHENTICATED if it has ended. */
JT_MUST_USE enum jt_result jt_session_again(struct jt_http_request *r, struct jt_db *db);
/* What the operation demands of a session beyond its scope. JT_SESSION_ONLY, JT_FACTOR_REQUIRED, JT_CONFIRM_PASSWORD. */
JT_MUST_USE enum jt_result jt_session_suffices(struct jt_http_request *r);
/* JT_CSRF_REFUSED if a browser says that a page of another origin made this request. */
JT_MUST_USE enum jt_result jt_same_origin(const struct jt_http_request *r);
/* What goes with a cookie's value in the header Jeton-CSRF. */
void jt_session_csrf(const char *secret, char out[JT_CSRF_SIZE]);

#endif
