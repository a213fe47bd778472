#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: lodge-probe --url https://HOST:PORT [OPTION]...\n"
	"Attach to a lodged host without a screen: look, measure, type, and say what came of it.\n"
	"\n"
	"  --url URL              the host\n"
	"  --identity FILE        this client's key, made when missing\n"
	"  --pin PIN              pair first\n"
	"  --label TEXT           how the host calls this client (default lodge-probe)\n"
	"  --fingerprint SHA256   accept this certificate only\n"
	"  --insecure             accept any certificate (default: remember the first)\n"
	"  --mode WxH[@HZ]        the display to ask for (default 1280x720@60)\n"
	"  --scale PERCENT        its scale (default 100)\n"
	"  --bitrate KBPS, --rate HZ   bounds for the stream\n"
	"  --seconds N            measure for N seconds (default 5)\n"
	"  --frames N             end after N frames\n"
	"  --settle MS            begin to measure this long after the first picture\n"
	"  --timeout N            give up after N seconds (default: 30 beyond the measurement)\n"
	"  --png FILE             write the last picture\n"
	"  --png-every MS DIR     write the picture again and again\n"
	"  --script FILE, --send \"WORDS\"   play a script; see lodge-probe(1)\n"
	"  --latency N            measure N keystrokes until the picture changes ...\n"
	"  --at X,Y               ... at this point, in permille of the picture (default 250,500)\n"
	"  --app ID               open that app of the host's list instead of a desktop\n"
	"  --listen[=CHANNELS]    ask for the sound and decode it (2 or 6, default 2)\n"
	"  --wav FILE             write what was heard\n"
	"  --microphone WAV       say that file (48 kHz, 16 bits), once the first picture is "
	"there\n"
	"  --view                 read and discard, as one more viewer, until told to stop\n"
	"  --cpu NAME=PID         report that process's processor time (repeatable)\n"
	"  --json                 one JSON object at the end\n"
	"  --version, --help\n"
	"\n"
	"Exit status: 0 ok, 2 wrong usage, 3 no connection, 4 refused, 5 display declined,\n"
	"6 the script's expectation failed, 7 timeout.\n";

enum {
	OPT_URL = 256,
	OPT_IDENTITY,
	OPT_PIN,
	OPT_LABEL,
	OPT_FINGERPRINT,
	OPT_INSECURE,
	OPT_MODE,
	OPT_SCALE,
	OPT_BITRATE,
	OPT_RATE,
	OPT_SECONDS,
	OPT_FRAMES,
	OPT_SETTLE,
	OPT_TIMEOUT,
	OPT_PNG,
	OPT_PNG_EVERY,
	OPT_SCRIPT,
	OPT_SEND,
	OPT_LATENCY,
	OPT_AT,
	OPT_APP,
	OPT_LISTEN,
	OPT_WAV,
	OPT_MICROPHONE,
	OPT_VIEW,
	OPT_CPU,
	OPT_JSON,
	OPT_VERSION,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "url", required_argument, NULL, OPT_URL },
	{ "identity", required_argument, NULL, OPT_IDENTITY },
	{ "pin", required_argument, NULL, OPT_PIN },
	{ "label", required_argument, NULL, OPT_LABEL },
	{ "fingerprint", required_argument, NULL, OPT_FINGERPRINT },
	{ "insecure", no_argument, NULL, OPT_INSECURE },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "scale", required_argument, NULL, OPT_SCALE },
	{ "bitrate", required_argument, NULL, OPT_BITRATE },
	{ "rate", required_argument, NULL, OPT_RATE },
	{ "seconds", required_argument, NULL, OPT_SECONDS },
	{ "frames", required_argument, NULL, OPT_FRAMES },
	{ "settle", required_argument, NULL, OPT_SETTLE },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "png", required_argument, NULL, OPT_PNG },
	{ "png-every", required_argument, NULL, OPT_PNG_EVERY },
	{ "script", required_argument, NULL, OPT_SCRIPT },
	{ "send", required_argument, NULL, OPT_SEND },
	{ "latency", required_argument, NULL, OPT_LATENCY },
	{ "at", required_argument, NULL, OPT_AT },
	{ "app", required_argument, NULL, OPT_APP },
	{ "listen", optional_argument, NULL, OPT_LISTEN },
	{ "wav", required_argument, NULL, OPT_WAV },
	{ "microphone", required_argument, NULL, OPT_MICROPHONE },
	{ "view", no_argument, NULL, OPT_VIEW },
	{ "cpu", required_argument, NULL, OPT_CPU },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

struct faults {
	char *text;
	size_t capacity;
};

static bool wrong(const struct faults *fault, const char *option, const char *wanted)
{
	snprintf(fault->text, fault->capacity, "lodge-probe: --%s '%.100s': %s", option, optarg,
		wanted);
	return false;
}

static bool take_decimal(const char *text, double least, double most, double *number)
{
	char *end;
	*number = strtod(text, &end);
	return end != text && *end == '\0' && *number >= least && *number <= most;
}

static bool take_ns(double unit_ns, uint64_t *ns)
{
	double number;
	if (!take_decimal(optarg, 0, 1e6, &number))
		return false;
	*ns = (uint64_t)(number * unit_ns);
	return true;
}

static bool take_point(struct probe_options *options)
{
	unsigned int x, y;
	char rest;
	if (sscanf(optarg, "%u,%u%c", &x, &y, &rest) != 2 || x > 999 || y > 999)
		return false;
	options->at_x_permille = x;
	options->at_y_permille = y;
	return true;
}

static bool take_script_file(struct probe_options *options, const struct faults *fault)
{
	static const size_t most = 1024 * 1024;
	FILE *file = fopen(optarg, "re");
	char *text = file ? calloc(1, most + 1) : NULL;
	bool good = text;
	if (!file)
		wrong(fault, "script", strerror(errno));
	else if (text && (fread(text, 1, most, file) == most || ferror(file)))
		good = wrong(fault, "script", "unreadable or longer than 1 MiB");
	if (file)
		fclose(file);
	if (good)
		good = script_parse(&options->script, text, fault->text, fault->capacity);
	free(text);
	return good;
}

static bool take_mode(struct probe_options *options, const struct faults *fault)
{
	const uint32_t scale = options->mode.scale_percent;
	if (!display_mode_parse(optarg, &options->mode))
		return wrong(fault, "mode", "WIDTHxHEIGHT[@HZ] expected");
	if (options->mode.refresh_mhz == 0)
		options->mode.refresh_mhz = 60000;
	options->mode.scale_percent = scale;
	return true;
}

static bool take_timing(struct probe_options *options, int option, const struct faults *fault)
{
	double number;
	switch (option) {
	case OPT_SECONDS:
		return take_ns(1e9, &options->seconds_ns) ||
			wrong(fault, "seconds", "a number expected");
	case OPT_SETTLE:
		return take_ns(1e6, &options->settle_ns) ||
			wrong(fault, "settle", "milliseconds expected");
	case OPT_TIMEOUT:
		return take_ns(1e9, &options->timeout_ns) ||
			wrong(fault, "timeout", "seconds expected");
	case OPT_FRAMES:
		if (!take_decimal(optarg, 1, 1e9, &number))
			return wrong(fault, "frames", "a number expected");
		options->frames = (uint64_t)number;
		return true;
	default: /* OPT_LATENCY */
		if (!take_decimal(optarg, 1, 1e6, &number))
			return wrong(fault, "latency", "a number of keystrokes expected");
		options->latency_samples = (uint32_t)number;
		return true;
	}
}

static bool take_display(struct probe_options *options, int option, const struct faults *fault)
{
	double number;
	switch (option) {
	case OPT_MODE:
		return take_mode(options, fault);
	case OPT_SCALE:
		if (!take_decimal(optarg, 0, UINT16_MAX, &number))
			return wrong(fault, "scale", "percent expected");
		options->mode.scale_percent = (uint32_t)number;
		return true;
	case OPT_BITRATE:
		if (!take_decimal(optarg, 0, 4e9, &number))
			return wrong(fault, "bitrate", "kbit/s expected");
		options->max_kbps = (uint32_t)number;
		return true;
	default: /* OPT_RATE */
		if (!take_decimal(optarg, 0, 1000, &number))
			return wrong(fault, "rate", "Hz expected");
		options->max_rate_mhz = (uint32_t)(number * 1000);
		return true;
	}
}

static bool take_trust(struct probe_options *options, int option, const struct faults *fault)
{
	if (option == OPT_INSECURE) {
		options->trust.kind = LODGE_TRUST_ANY;
		return true;
	}
	options->trust.kind = LODGE_TRUST_PINNED;
	return lodge_fingerprint_parse(optarg, options->trust.fingerprint) ||
		wrong(fault, "fingerprint", "64 hexadecimal digits expected");
}

static bool take_sound(struct probe_options *options, int option, const struct faults *fault)
{
	double channels = 2;
	if (option == OPT_WAV)
		options->sound.wav = optarg;
	if (option == OPT_MICROPHONE)
		options->sound.microphone = optarg;
	if (option == OPT_LISTEN && optarg &&
		(!take_decimal(optarg, 2, 6, &channels) || (channels != 2 && channels != 6)))
		return wrong(fault, "listen", "2 or 6 channels expected");
	if (option == OPT_LISTEN || (option == OPT_WAV && !options->sound.channels))
		options->sound.channels = (uint32_t)channels;
	return true;
}

static bool take_app(struct probe_options *options, const struct faults *fault)
{
	options->app = optarg;
	return (optarg[0] && strlen(optarg) <= WIRE_LABEL_MAX) ||
		wrong(fault, "app", "1 to 64 bytes expected");
}

static bool take_png_every(
	struct probe_options *options, int argc, char **argv, const struct faults *fault)
{
	if (!take_ns(1e6, &options->png_every_ns) || options->png_every_ns == 0)
		return wrong(fault, "png-every", "milliseconds expected");
	if (optind >= argc)
		return wrong(fault, "png-every", "a folder expected behind it");
	options->png_folder = argv[optind++];
	return true;
}

static bool take(struct probe_options *options, int option, int argc, char **argv,
	const struct faults *fault)
{
	switch (option) {
	case OPT_URL:
		options->url = optarg;
		return true;
	case OPT_IDENTITY:
		options->identity = optarg;
		return true;
	case OPT_PIN:
		options->pin = optarg;
		return true;
	case OPT_LABEL:
		options->label = optarg;
		return true;
	case OPT_FINGERPRINT:
	case OPT_INSECURE:
		return take_trust(options, option, fault);
	case OPT_MODE:
	case OPT_SCALE:
	case OPT_BITRATE:
	case OPT_RATE:
		return take_display(options, option, fault);
	case OPT_PNG:
		options->png = optarg;
		return true;
	case OPT_PNG_EVERY:
		return take_png_every(options, argc, argv, fault);
	case OPT_SCRIPT:
		return take_script_file(options, fault);
	case OPT_SEND:
		return script_parse(&options->script, optarg, fault->text, fault->capacity);
	case OPT_AT:
		return take_point(options) ||
			wrong(fault, "at", "X,Y in permille expected, 0 to 999");
	case OPT_CPU:
		return process_watch_add(&options->watch, optarg) ||
			wrong(fault, "cpu", "NAME=PID expected, at most 8 of them");
	case OPT_APP:
		return take_app(options, fault);
	case OPT_LISTEN:
	case OPT_WAV:
	case OPT_MICROPHONE:
		return take_sound(options, option, fault);
	case OPT_VIEW:
		return options->view = true;
	case OPT_JSON:
		return options->json = true;
	default:
		return take_timing(options, option, fault);
	}
}

static bool check(struct probe_options *options, const struct faults *fault)
{
	const char *text = NULL;
	if (!options->url)
		text = "--url is missing; see lodge-probe --help";
	else if (options->view &&
		(options->png || options->png_folder || options->latency_samples ||
			options->script.count))
		text = "--view decodes nothing: no picture, script or latency with it";
	else if (options->latency_samples && options->script.count)
		text = "--latency and a script do not go together";
	if (text)
		snprintf(fault->text, fault->capacity, "lodge-probe: %s", text);
	if (!options->seconds_ns && !options->frames && !options->latency_samples &&
		!options->script.count && !options->view)
		options->seconds_ns = 5000000000u;
	return !text;
}

enum options_result options_parse(
	struct probe_options *options, int argc, char **argv, char *text, size_t fault_capacity)
{
	const struct faults fault = { text, fault_capacity };
	int option;
	*options = (struct probe_options){
		.label = "lodge-probe",
		.trust.kind = LODGE_TRUST_FIRST_USE,
		.mode = { 1280, 720, 60000, 100 },
		.at_x_permille = 250,
		.at_y_permille = 500,
	};
	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		if (option == OPT_HELP || option == OPT_VERSION) {
			fputs(option == OPT_HELP ? help : "lodge-probe " LODGE_VERSION "\n",
				stdout);
			return OPTIONS_DONE;
		}
		if (option == ':' || option == '?') {
			snprintf(text, fault_capacity, "lodge-probe: option '%.100s': %s",
				argv[optind - 1],
				option == ':' ? "needs a value"
					      : "unknown; see lodge-probe --help");
			return OPTIONS_WRONG;
		}
		if (!take(options, option, argc, argv, &fault))
			return OPTIONS_WRONG;
	}
	if (optind < argc) {
		snprintf(text, fault_capacity, "lodge-probe: argument '%.100s': none expected",
			argv[optind]);
		return OPTIONS_WRONG;
	}
	return check(options, &fault) ? OPTIONS_RUN : OPTIONS_WRONG;
}

void options_finish(struct probe_options *options)
{
	script_finish(&options->script);
}
