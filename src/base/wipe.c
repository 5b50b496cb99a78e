/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <nettle/memops.h>
#include <string.h>

/* What libjeton needs of secrets, without libsodium. */

bool jt_secret_equal(const void *a, size_t a_size, const void *b, size_t b_size)
{
	if (a_size != b_size)
		return false;
	return a_size == 0 || memeql_sec(a, b, a_size) != 0;
}

void jt_secret_wipe(void *at, size_t size)
{
	if (at && size > 0)
		explicit_bzero(at, size);
}
