/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_MHD_H
#define JT_HTTP_MHD_H

#include "http/inside.h"

/* libmicrohttpd, behind glass: mhd.c alone includes its header. */

struct jt_mhd_options {
	int fd; /* listening */
	unsigned threads, connections;
	bool narrow; /* only what is JT_OP_NARROW is answered, and without TLS */
};

/* Starts the loops on a listening socket, which it owns from now on. JT_IO. */
JT_MUST_USE enum jt_result jt_mhd_start(struct jt_server *s, const struct jt_mhd_options *options, struct jt_mhd **out);
/* No new connections from now on. NULL is taken. */
void jt_mhd_quiesce(struct jt_mhd *m);
/* Ends the loops; nothing may be suspended. NULL is taken. */
void jt_mhd_stop(struct jt_mhd *m);
/* Lets the loop go on with a connection whose request was away. Any thread. */
void jt_mhd_resume(struct jt_wire *w);

#endif
