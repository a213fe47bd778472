#include "display/backend.h"

const char *display_option_name(enum display_option option)
{
	switch (option) {
	case DISPLAY_OPTION_SECOND_OUTPUT:
		return "second-output";
	case DISPLAY_OPTION_RECONFIGURE:
		return "reconfigure";
	case DISPLAY_OPTION_KEEP:
		return "keep";
	case DISPLAY_OPTION_PRIMARY:
		return "primary";
	case DISPLAY_OPTION_EXCLUSIVE:
		return "exclusive";
	case DISPLAY_OPTION_LAYOUT:
		return "layout";
	case DISPLAY_OPTION_SCALE:
		return "scale";
	case DISPLAY_OPTION_IDENTITY:
		return "identity";
	case DISPLAY_OPTION_SEATS:
		return "seats";
	case DISPLAY_OPTIONS:
		break;
	}
	return "unknown";
}

const char *display_topology_name(enum display_topology topology)
{
	switch (topology) {
	case DISPLAY_EXTEND:
		return "extend";
	case DISPLAY_PRIMARY:
		return "primary";
	case DISPLAY_EXCLUSIVE:
		return "exclusive";
	}
	return "unknown";
}
