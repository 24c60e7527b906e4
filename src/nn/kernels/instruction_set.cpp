// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/nn/instruction_set.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/instruction_set.cpp"
#include <hwy/foreach_target.h>

#include "nn/kernels/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {

std::int64_t target_here() {
  return HWY_TARGET;
}

/// Floating-point operations of one round of the burst.
double burst_operations_here() {
  return 2.0 * tile_accumulators * lanes;
}

/// As many independent chains of multiply-adds as a tile of a matrix product has. `one` and `zero` are not known to the
/// compiler, so it can leave nothing out; the sum is for the same purpose.
float burst_here(int rounds, float one, float zero) {
  const Vector a = hn::Set(tag, one), b = hn::Set(tag, zero);
  Vector acc[tile_accumulators];
  for (int i = 0; i < tile_accumulators; ++i) acc[i] = hn::Set(tag, static_cast<float>(i) * one);
  for (int round = 0; round < rounds; ++round)
    _Pragma("GCC unroll 32") for (int i = 0; i < tile_accumulators; ++i) acc[i] = hn::MulAdd(acc[i], a, b);
  for (int i = 1; i < tile_accumulators; ++i) acc[0] = hn::Add(acc[0], acc[i]);
  return hn::GetLane(hn::SumOfLanes(tag, acc[0]));
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <chrono>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::nn {
namespace kernels {
HWY_EXPORT(target_here);
HWY_EXPORT(burst_operations_here);
HWY_EXPORT(burst_here);
}  // namespace kernels

namespace {

std::string name_of(std::int64_t target) {
  switch (target) {
#if HWY_ARCH_X86
    case HWY_AVX3:
      return "avx512";
    case HWY_AVX2:
      return "avx2";
    case HWY_SSE4:
      return "sse4";
#endif
    default:
      return hwy::TargetName(target);
  }
}

/// One bit per instruction set, the lowest bit the best. Asked before any has been disabled.
std::int64_t available_targets() {
  static const std::int64_t targets = hwy::SupportedTargets() & (HWY_TARGETS);
  return targets;
}

}  // namespace

std::string instruction_set_in_use() {
  available_targets();
  return name_of(HWY_DYNAMIC_DISPATCH(kernels::target_here)());
}

std::vector<std::string> available_instruction_sets() {
  std::vector<std::string> names;
  for (std::int64_t left = available_targets(); left != 0; left &= left - 1) names.push_back(name_of(left & -left));
  return names;
}

void use_instruction_set(const std::string& name) {
  for (std::int64_t left = available_targets(); left != 0; left &= left - 1) {
    const std::int64_t target = left & -left;
    if (name_of(target) != name) continue;
    hwy::DisableTargets(target - 1);  // the better ones
    return;
  }
  throw ConfigError("instruction set '" + name + "' is not available on this processor " +
                    known_names(name, available_instruction_sets()));
}

double probe_peak_gflops() {
  constexpr double burst_operations = 12e6;  // 0.1 ms at 120 GFLOP/s
  const double round_operations = HWY_DYNAMIC_DISPATCH(kernels::burst_operations_here)();
  const int rounds = static_cast<int>(burst_operations / round_operations);
  volatile float one = 1, zero = 0;
  volatile float result = 0;
  const auto start = std::chrono::steady_clock::now();
  result = HWY_DYNAMIC_DISPATCH(kernels::burst_here)(rounds, one, zero);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  static_cast<void>(result);
  return rounds * round_operations / elapsed.count() * 1e-9;
}

}  // namespace seqsweep::nn
#endif
