#include "cli/trust.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/key_pin.h"
#include "cli/texts.h"
#include "store/state_file.h"

#define HOST_DEFAULT "https://127.0.0.1:7443"
#define TOKEN_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

/* Of a URL: only what an address of a host may have. */
static bool take_url(const char *text, char origin[300], char host[256])
{
	char with_scheme[300];
	char *name = NULL, *port = NULL, *scheme = NULL, *path = NULL, *other = NULL;
	CURLU *url = curl_url();
	const int size = snprintf(with_scheme, sizeof with_scheme, "%s%s",
		strstr(text, "://") ? "" : "https://", text);
	bool good = url && size < (int)sizeof with_scheme &&
		curl_url_set(url, CURLUPART_URL, with_scheme, 0) == CURLUE_OK &&
		curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		curl_url_get(url, CURLUPART_HOST, &name, 0) == CURLUE_OK &&
		curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
		curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK &&
		strcmp(scheme, "https") == 0 && strcmp(path, "/") == 0;
	static const CURLUPart strangers[] = { CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
		CURLUPART_FRAGMENT };
	for (size_t i = 0; good && i < sizeof strangers / sizeof *strangers; i++) {
		if (curl_url_get(url, strangers[i], &other, 0) == CURLUE_OK)
			good = false;
		curl_free(other);
		other = NULL;
	}
	good = good && snprintf(host, 256, "%s", name) < 256 &&
		snprintf(origin, 300, "https://%s:%s", name, port) < 300;
	curl_free(scheme);
	curl_free(name);
	curl_free(port);
	curl_free(path);
	curl_url_cleanup(url);
	return good;
}

static bool is_this_machine(const char *host)
{
	struct in_addr four;
	struct in6_addr six;
	char bare[256];
	if (strcmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	/* "[::1]" */
	snprintf(bare, sizeof bare, "%s", host[0] == '[' ? host + 1 : host);
	bare[strcspn(bare, "]")] = '\0';
	return inet_pton(AF_INET6, bare, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool find_state_folder(const char *option, char folder[PATH_MAX])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int size = PATH_MAX;
	if (option)
		size = snprintf(folder, PATH_MAX, "%s", option);
	else if (state && state[0] == '/')
		size = snprintf(folder, PATH_MAX, "%s/lodge", state);
	else if (home && home[0] == '/')
		size = snprintf(folder, PATH_MAX, "%s/.local/state/lodge", home);
	return size < PATH_MAX - 32;
}

static void read_token(struct trust *trust)
{
	char *text = NULL;
	size_t size = 0;
	const int error =
		state_file_read(AT_FDCWD, trust->token_file, TRUST_TOKEN_MAX + 2, &text, &size);
	if (error < 0) {
		snprintf(trust->token_fault, sizeof trust->token_fault, TEXT_TOKEN_UNREADABLE,
			trust->token_file, strerror(-error));
		return;
	}
	text[strcspn(text, "\r\n")] = '\0';
	/* It becomes a header line: nothing else may be in it. */
	const size_t letters = strspn(text, TOKEN_LETTERS);
	if (letters > 0 && letters <= TRUST_TOKEN_MAX && text[letters] == '\0')
		memcpy(trust->token, text, letters + 1);
	else
		snprintf(trust->token_fault, sizeof trust->token_fault, TEXT_TOKEN_WRONG,
			trust->token_file);
	explicit_bzero(text, size);
	free(text);
}

static enum cli_exit pin_file(struct trust *trust, const char *path, bool always)
{
	bool own = false;
	const int error = key_pin_read(path, trust->key_pin, sizeof trust->key_pin, &own);
	if (error == -EBADMSG)
		return cli_complain(CLI_UNREACHABLE, TEXT_CERTIFICATE_NONE, path);
	if (error < 0)
		return cli_complain(
			CLI_UNREACHABLE, TEXT_CERTIFICATE_UNREADABLE, path, strerror(-error));
	if (snprintf(trust->ca_file, sizeof trust->ca_file, "%s", path) >=
		(int)sizeof trust->ca_file)
		return cli_complain(
			CLI_UNREACHABLE, TEXT_CERTIFICATE_UNREADABLE, path, strerror(ENAMETOOLONG));
	trust->check_name = !own && !always;
	if (trust->check_name)
		trust->key_pin[0] = '\0';
	return CLI_OK;
}

enum cli_exit trust_find(struct trust *trust, const struct cli_options *options)
{
	char host[256], folder[PATH_MAX] = "", certificate[PATH_MAX];
	*trust = (struct trust){ .check_name = true };
	const char *address = options->host ? options->host : getenv("LODGE_HOST");
	const char *named_token =
		options->token_file ? options->token_file : getenv("LODGE_TOKEN_FILE");
	if (!address || address[0] == '\0')
		address = HOST_DEFAULT;
	if (!take_url(address, trust->origin, host))
		return cli_complain(CLI_USAGE, TEXT_HOST_WRONG, address);
	if (!find_state_folder(options->state, folder))
		return cli_complain(CLI_USAGE, TEXT_NO_STATE_FOLDER);
	if (named_token && named_token[0] == '\0')
		named_token = NULL;
	const bool here = is_this_machine(host);
	if (options->ca && !here && !named_token)
		return cli_complain(CLI_USAGE, TEXT_REMOTE_TOKEN, trust->origin);
	snprintf(trust->token_file, sizeof trust->token_file, "%s%s",
		named_token ? named_token : folder, named_token ? "" : "/admin-token");
	snprintf(certificate, sizeof certificate, "%.*s/certificate.pem", PATH_MAX - 32, folder);
	if (options->ca || here || !named_token) {
		const enum cli_exit code =
			pin_file(trust, options->ca ? options->ca : certificate, !options->ca);
		if (code)
			return code;
	}
	read_token(trust);
	return CLI_OK;
}
