/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_DATE_H
#define JT_HTTP_DATE_H

#include <stdint.h>

#define JT_HTTP_DATE_SIZE 30

/* "Tue, 24 Nov 2026 19:22:34 GMT" (RFC 9110, 5.6.7), made once a second and thread: valid until the thread asks for another. */
const char *jt_http_date(int64_t now_s);

#endif
