/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_TLS_H
#define JT_HTTP_TLS_H

#include "base/result.h"

/* The certificate of a TLS listener, replaced while it serves. One at a time in a process: GnuTLS's callback has no argument. */
struct jt_tls;

/* Reads a chain and its key (PEM). JT_IO with `why` if they cannot be read or do not belong together; JT_NOMEM. */
JT_MUST_USE enum jt_result jt_tls_new(const char *cert, const char *key, struct jt_tls **out, struct jt_why *why);
/* Reads both files again; on failure the old ones go on. */
JT_MUST_USE enum jt_result jt_tls_reload(struct jt_tls *t, struct jt_why *why);
/* After the listener has ended. NULL is taken. */
void jt_tls_free(struct jt_tls *t);
/* What GnuTLS is to call for each handshake: a gnutls_certificate_retrieve_function3. */
void *jt_tls_callback(void);

#endif
