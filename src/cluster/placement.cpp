// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/placement.hpp"

#include <array>

namespace seqsweep::cluster {
namespace {

// clang-format off
constexpr std::array catalogue = {
    CatalogueEntry<MakePlacementPolicy>{"elastic", "idle ranks join the trials that would take longest", make_elastic},
    CatalogueEntry<MakePlacementPolicy>{"restless", "teams change at random, to test that no number does", make_restless},
};
// clang-format on

}  // namespace

std::span<const CatalogueEntry<MakePlacementPolicy>> placement_catalogue() {
  return catalogue;
}

}  // namespace seqsweep::cluster
