/*
 * Room: isolation, host and keeper. Async-signal-safe: between fork and exec.
 */
#ifndef LODGE_ISOLATION_PLAIN_SIGNALS_H
#define LODGE_ISOLATION_PLAIN_SIGNALS_H

/* Every signal does what it does by itself, and none is blocked: what a parent ignored would be ignored for ever. */
void plain_signals(void);

#endif
