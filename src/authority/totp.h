/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_TOTP_H
#define JT_AUTHORITY_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Time-based one-time codes (RFC 6238) as every authenticator app makes them: HMAC-SHA-1, six digits, steps of 30 seconds. */

#define JT_TOTP_SECRET_SIZE 20 /* as RFC 4226, section 4, recommends */
#define JT_TOTP_TEXT_SIZE 33   /* base32 of it, and the terminator */
#define JT_TOTP_CODE_SIZE 7    /* six digits and the terminator */
#define JT_TOTP_STEP_S 30
#define JT_TOTP_SKEW 1 /* steps before and after the present one whose code is taken (RFC 6238, section 5.2) */

/* The code of a step. */
void jt_totp_code(const uint8_t secret[JT_TOTP_SECRET_SIZE], int64_t step, char out[JT_TOTP_CODE_SIZE]);
/* Is `code` (terminated) that of a step within the skew of `now_s` and after `last_step`? *step gets which. Takes as long whether it
 * is or not. */
bool jt_totp_matches(
	const uint8_t secret[JT_TOTP_SECRET_SIZE], const char *code, int64_t now_s, int64_t last_step, int64_t *step);
/* Base32 (RFC 4648, section 6) without padding, upper case, terminated; `size` is a multiple of 5, `out` holds size / 5 * 8 + 1
 * bytes. Returns `out`. */
char *jt_base32(const uint8_t *bytes, size_t size, char *out);

#endif
