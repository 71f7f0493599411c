/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which domains are given the devices of their records. */
#ifndef XT_WANTED_RECORD_H
#define XT_WANTED_RECORD_H

#include <xtune/plan.h>

/* What is done about the devices of a domain that runs. */
enum xt_care {
    XT_CARE_LEAVE, /* nothing */
    XT_CARE_COUNT, /* it is placed as if it had them */
    XT_CARE_GIVE,  /* it is given them */
};

/* The index of the domain that has a record; the number of domains where none
 * runs. */
size_t xt_record_domain(const xtune_plan_request *request,
                        const xtune_record *record);

enum xt_care xt_record_care(const xtune_plan_request *request, size_t index);

#endif
