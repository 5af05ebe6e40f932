/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libshopper: the engine of Mystery Shopper for other programs. Load a journey, run it on your
 * event base, read the report.
 *
 *   struct shopper_journey *journey = shopper_journey_load("checkout.yaml", NULL, diagnostics);
 *   struct shopper_engine *engine = shopper_engine_new(base);
 *   struct shopper_run *run = shopper_run_new(engine, journey);
 *   if (shopper_run_start(run, on_done, NULL, diagnostics)) event_base_dispatch(base);
 *
 * What ends with _new or _load is freed with the _free of its noun, which accepts NULL. Texts
 * handed in are copied, texts handed out are borrowed. Memory that cannot be had ends the program.
 */
#ifndef SHOPPER_SHOPPER_H
#define SHOPPER_SHOPPER_H

#include <shopper/journey.h>
#include <shopper/report.h>
#include <shopper/run.h>
#include <shopper/version.h>

#endif
