/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/parameters.h"

#include <string.h>

#include <xtune/policy.h>

#include "base/util.h"

#define OF_DOMAIN(member) .offset = offsetof(xtune_wanted_scheduling, member)
#define OF_POOL(member) .offset = offsetof(xtune_pool_scheduling, member)

const xt_parameter xt_parameters[XT_NR_PARAMETERS] = {
    [XT_WEIGHT] = {
        .name = "weight",
        .attr = "weight",
        .schedulers = { "credit", "credit2" },
        .min = 1,
        .max = 65535,
        .form = "a whole number from 1 to 65535",
        OF_DOMAIN(weight),
    },
    /* Of 16 bits, of which Xen takes all ones for "as it is". */
    [XT_CAP] = {
        .name = "cap",
        .attr = "cap",
        .schedulers = { "credit", "credit2" },
        .max = 65534,
        .form = "percent of one CPU, up to 100 for each vCPU; 0: no cap",
        OF_DOMAIN(cap),
    },
    [XT_PERIOD] = {
        .name = "period_us",
        .attr = "period",
        .schedulers = { "rtds" },
        .min = 10,
        .max = 1000000000,
        .form = "a whole number of microseconds from 10 to 1000000000",
        OF_DOMAIN(period_us),
    },
    [XT_BUDGET] = {
        .name = "budget_us",
        .attr = "budget",
        .schedulers = { "rtds" },
        .min = 10,
        .max = 1000000000,
        .form = "a whole number of microseconds from 10 to the period",
        OF_DOMAIN(budget_us),
    },
    [XT_EXTRATIME] = {
        .name = "extratime",
        .attr = "extratime",
        .schedulers = { "rtds" },
        .max = 1,
        .form = "yes or no",
        OF_DOMAIN(extratime),
    },
    [XT_TSLICE] = {
        .name = "tslice_ms",
        .attr = "tslice",
        .schedulers = { "credit" },
        .min = 1,
        .max = 1000,
        .form = "a whole number of milliseconds from 1 to 1000",
        OF_POOL(tslice_ms),
    },
    [XT_RATELIMIT] = {
        .name = "ratelimit_us",
        .attr = "ratelimit",
        .schedulers = { "credit", "credit2" },
        .min = 100,
        .max = 500000,
        .or_zero = true,
        .form = "0, or a whole number of microseconds from 100 to 500000",
        OF_POOL(ratelimit_us),
    },
    [XT_MIGRATION_DELAY] = {
        .name = "migration_delay_us",
        .attr = "migration-delay",
        .schedulers = { "credit" },
        .max = 100000,
        .form = "a whole number of microseconds from 0 to 100000",
        OF_POOL(migration_delay_us),
    },
};

uint32_t xt_parameter_get(enum xt_parameter_id id, const void *scheduling)
{
    uint32_t value;

    memcpy(&value, (const char *)scheduling + xt_parameters[id].offset,
           sizeof(value));
    return value;
}

void xt_parameter_set(enum xt_parameter_id id, void *scheduling,
                      uint32_t value)
{
    memcpy((char *)scheduling + xt_parameters[id].offset, &value,
           sizeof(value));
}

bool xt_parameter_takes(const xt_parameter *parameter, uint64_t value)
{
    return (value >= parameter->min && value <= parameter->max) ||
           (parameter->or_zero && !value);
}

bool xt_parameter_parse(const xt_parameter *parameter, const char *text,
                        uint32_t *value_r)
{
    uint64_t value;

    if ((text[0] == '0' && text[1]) ||
        !xt_parse_u64(text, 10, UINT32_MAX, &value) ||
        !xt_parameter_takes(parameter, value))
        return false;
    *value_r = (uint32_t)value;
    return true;
}

bool xt_scheduler_has(const char *scheduler, enum xt_parameter_id id)
{
    const char *const *one;

    for (one = xt_parameters[id].schedulers; *one; one++)
        if (!strcmp(*one, scheduler)) return true;
    return false;
}
