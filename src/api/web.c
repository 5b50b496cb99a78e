/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/web_assets.h"

#include <string.h>

/* The dashboard: one page, at / and where links lead to, and what it is made of. All else that it shows it asks the API for. */

/* Nothing but our own files runs, is shown or is talked to, and nobody shows us within theirs. */
static void guard(struct jt_call *c)
{
	static const struct jt_pair headers[] = {
		{"Content-Security-Policy",
			"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
			"font-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
			"require-trusted-types-for 'script'; trusted-types 'none'"},
		{"X-Frame-Options", "DENY"},
		{"Referrer-Policy", "no-referrer"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Permissions-Policy",
			"accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
			"fullscreen=(), "
			"geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), "
			"midi=(), "
			"payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), "
			"serial=(), "
			"usb=(), xr-spatial-tracking=(), clipboard-read=(), clipboard-write=(self)"},
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		jt_call_header(c, headers[i].name, headers[i].value);
}

static enum jt_result run_page(struct jt_call *c, struct jt_tx *tx)
{
	(void)tx;
	guard(c);
	return jt_call_answer_asset(c, &jt_web_assets[0], JT_ASSET_ASK);
}

static enum jt_result run_asset(struct jt_call *c, struct jt_tx *tx)
{
	const char *name = jt_call_path(c, "name");

	(void)tx;
	guard(c);
	for (unsigned i = 1; i < jt_web_asset_count; i++) {
		if (strcmp(jt_web_assets[i].name, name) == 0)
			return jt_call_answer_asset(c, &jt_web_assets[i], JT_ASSET_KEEP);
	}
	return JT_NOT_FOUND;
}

#define GET .method = "GET", .level = JT_LEVEL_OPEN, .flags = JT_OP_PLAIN

const struct jt_op jt_api_web[] = {
	{.id = "get_dashboard", GET, .path = "/", .run = run_page},
	{.id = "get_dashboard_invitation", GET, .path = "/invitation", .run = run_page},
	{.id = "get_dashboard_setup", GET, .path = "/setup", .run = run_page},
	{.id = "get_dashboard_reset", GET, .path = "/reset", .run = run_page},
	{.id = "get_dashboard_asset", GET, .path = "/assets/{name}", .run = run_asset},
	{0},
};
