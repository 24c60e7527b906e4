// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs.hpp"

namespace seqsweep::jobs {

// What `seqsweep bench` measures, each on the machine that it runs on; run as the jobs of jobs.hpp are.
int run_bench_engine(Arguments arguments);
int run_bench_allreduce(Arguments arguments);
int run_bench_search(Arguments arguments);
int run_bench_coordinator(Arguments arguments);

}  // namespace seqsweep::jobs
